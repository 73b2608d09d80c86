// The tabs of a user's page, by their names in the address. Each is fetched when it is first looked at.

import type { Component } from "svelte";
import type { Schemas } from "../../api";
import type { Subject, Verb } from "../operate/verbs";

export interface TabProps {
  user: Schemas["UserInFull"];
  /** Open the dialog of a verb, about this user and perhaps something of theirs. */
  operate: (verb: Verb, about?: Partial<Subject>) => void;
}

type Tab = () => Promise<{ default: Component<TabProps> }>;

export const TABS: Record<string, Tab> = {
  usage: () => import("./Allowances.svelte"),
  generations: () => import("./Generations.svelte"),
  timeline: () => import("./Timeline.svelte"),
  grants: () => import("./Grants.svelte"),
  subscriptions: () => import("./Subscriptions.svelte"),
  devices: () => import("./Devices.svelte"),
  audit: () => import("./Audit.svelte"),
  simulate: () => import("./Simulate.svelte"),
  view: () => import("./ViewAs.svelte"),
};
