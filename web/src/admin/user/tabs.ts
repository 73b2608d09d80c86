// The tabs of a user's page, by their names in the address. They come with it: each alone is 1 to 2 kB.

import type { Component } from "svelte";
import Allowances from "./Allowances.svelte";
import Audit from "./Audit.svelte";
import Devices from "./Devices.svelte";
import Generations from "./Generations.svelte";
import Grants from "./Grants.svelte";
import Simulate from "./Simulate.svelte";
import Subscriptions from "./Subscriptions.svelte";
import type { TabProps } from "./tab";
import Timeline from "./Timeline.svelte";
import ViewAs from "./ViewAs.svelte";

export const TABS: Record<string, Component<TabProps>> = {
  usage: Allowances,
  generations: Generations,
  timeline: Timeline,
  grants: Grants,
  subscriptions: Subscriptions,
  devices: Devices,
  audit: Audit,
  simulate: Simulate,
  view: ViewAs,
};
