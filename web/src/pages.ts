// The pages, by their addresses. Each is fetched when it is first gone to.

import type { Component } from "svelte";
import { texts } from "./texts/common";

export interface Page {
  /** Its name in the navigation. */
  name: string;
  title: string;
  load: () => Promise<{ default: Component }>;
}

const page = (name: keyof typeof texts.nav, load: Page["load"]): Page => ({
  name,
  title: texts.nav[name],
  load,
});

export const PAGES: Record<string, Page> = {
  "/usage": page("usage", () => import("./pages/Usage.svelte")),
  "/history": page("history", () => import("./pages/History.svelte")),
  "/live": page("live", () => import("./pages/Live.svelte")),
  "/inbox": page("inbox", () => import("./pages/Inbox.svelte")),
  "/profile": page("profile", () => import("./pages/Profile.svelte")),
  "/admin": page("admin", () => import("./admin/Overview.svelte")),
  "/admin/live": page("admin", () => import("./admin/Live.svelte")),
  "/admin/generations": page("admin", () => import("./admin/Generations.svelte")),
  "/admin/generations/*": page("admin", () => import("./admin/Generation.svelte")),
  "/admin/plans": page("admin", () => import("./admin/Plans.svelte")),
  "/admin/plans/*": page("admin", () => import("./admin/Plan.svelte")),
  "/admin/subscriptions": page("admin", () => import("./admin/Subscriptions.svelte")),
  "/admin/audit": page("admin", () => import("./admin/Audit.svelte")),
  "/admin/system": page("admin", () => import("./admin/System.svelte")),
  "/admin/users": page("admin", () => import("./admin/Users.svelte")),
  "/admin/users/*": page("admin", () => import("./admin/User.svelte")),
};

const NOTHING: Page = {
  name: "",
  title: texts.nothing.title,
  load: () => import("./pages/NotFound.svelte"),
};

/** The page of an address; a star stands for the last part of it. */
export function pageAt(path: string): Page {
  return PAGES[path] ?? PAGES[path.replace(/[^/]+$/, "*")] ?? NOTHING;
}
