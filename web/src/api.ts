// The HTTP API and the callable functions, with the reader's token.

import createClient from "openapi-fetch";
import type { components, paths } from "./api-types";
import { endSession, idToken } from "./session.svelte";

export type Schemas = components["schemas"];

export const api = createClient<paths>({ baseUrl: "/" });

api.use({
  async onRequest({ request }) {
    const token = await idToken();
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    return request;
  },
});

interface ErrorObject {
  message: string;
  details?: { reason: string; requestId?: string; fields?: { path: string; message: string }[] };
}

/** What the server did not do, or that it could not be asked. */
export class Refused extends Error {
  reason: string;
  requestId: string;
  fields: { path: string; message: string }[];

  constructor(reason: string, error?: ErrorObject) {
    super(error?.message ?? "");
    this.reason = reason;
    this.requestId = error?.details?.requestId ?? "";
    this.fields = error?.details?.fields ?? [];
  }
}

/** Wait for an answer of `api`: the data, or Refused. */
export async function answered<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error } = await call.catch(unreachable);
  if (error !== undefined) throw await refused(error);
  return data as T;
}

/** Call a callable function; Hosting hands it on, wherever it runs. */
export async function call<T>(name: string, request: object): Promise<T> {
  const answer = await send<{ result: T }>("POST", `/functions/${name}`, { data: request });
  return answer.result;
}

/** Send what only the reader's choice decides: which address, and what about it. */
export async function send<T>(method: string, address: string, body: object): Promise<T> {
  const token = await idToken();
  const answer = await fetch(address, {
    method,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  }).catch(unreachable);
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw await refused(said);
  return said;
}

function unreachable(): never {
  throw new Refused("unreachable");
}

async function refused(body: unknown): Promise<Refused> {
  const error = (body as { error?: ErrorObject })?.error;
  const reason = error?.details?.reason ?? "internal";
  if (reason === "not-signed-in") await endSession();
  return new Refused(reason, error);
}
