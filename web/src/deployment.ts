// What this deployment is like, asked once.

import { answered, api, type Schemas } from "./api";

type Settings = Schemas["DeploymentAnswer"];

let asked: Promise<Settings> | undefined;

export function settings(): Promise<Settings> {
  asked ??= answered(api.GET("/api/settings", {})).catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}
