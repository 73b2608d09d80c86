// What operators can do to generations, plans, subscriptions, jobs and events, one row each.

import { texts } from "../../texts/admin";
import type { Verb } from "./verbs";

const part = (id: string | boolean | undefined) => encodeURIComponent(String(id ?? ""));
const none = () => [];
const nothing = () => ({});

export const HIDE: Verb = {
  name: "hide",
  method: "DELETE",
  address: ({ id }) => `/api/generations/${part(id)}`,
  fields: none,
  body: nothing,
};

export const REMOVE_FROM_FEED: Verb = {
  name: "remove-from-feed",
  method: "DELETE",
  address: ({ id }) => `/api/live-generations/${part(id)}`,
  fields: none,
  body: nothing,
};

export const RUN_JOB: Verb = {
  name: "run-job",
  method: "POST",
  address: ({ id }) => `/api/maintenance/${part(id)}`,
  fields: none,
  body: nothing,
};

/** What the plan says comes from its editor. */
export const putPlan = (terms: object): Verb => ({
  name: "put-plan",
  method: "PUT",
  address: ({ id }) => `/api/plans/${part(id)}`,
  fields: none,
  body: () => terms,
});

export const RESOLVE: Verb = {
  name: "resolve",
  method: "POST",
  address: ({ id }) => `/api/webhook-events/${part(id)}/resolve`,
  fields: ({ uid }) => [
    { name: "userId", kind: "text", isOptional: true, starts: uid },
    { name: "planId", kind: "text", isOptional: true, label: texts.events.plan },
    { name: "packId", kind: "text", isOptional: true, label: texts.events.pack },
  ],
  body: ({ userId, planId, packId }) => ({
    userId: userId || undefined,
    planId: planId || undefined,
    packId: packId || undefined,
  }),
};
