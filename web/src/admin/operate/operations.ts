// What operators can do to generations, plans, subscriptions, jobs and events, one row each.

import { texts } from "../texts";
import { instant, type Field, type Verb } from "./verbs";

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

const SUBSCRIPTION_FIELDS: Field[] = [
  { name: "planId", kind: "text", label: texts.subscriptions.planId },
  { name: "status", kind: "choice", options: texts.subscriptions.statuses, starts: "active" },
  { name: "currentPeriodEnd", kind: "date", isOptional: true },
  { name: "cancelAtPeriodEnd", kind: "check" },
];

/** Of a subject with an id it changes that subscription; else it is asked whose, and which. */
export const PUT_SUBSCRIPTION: Verb = {
  name: "put-subscription",
  method: "PUT",
  address: ({ uid, id }, { userId, subscriptionId }) =>
    `/api/users/${part(uid || userId)}/subscriptions/${part(id ?? subscriptionId)}`,
  fields: ({ uid, id, current = {} }) => [
    ...(uid ? [] : [{ name: "userId", kind: "text" } as const]),
    ...(id ? [] : [{ name: "subscriptionId", kind: "text", starts: newId() } as const]),
    ...SUBSCRIPTION_FIELDS.map((field) => {
      const starts = current[field.name];
      return starts === undefined ? field : { ...field, starts };
    }),
  ],
  body: ({ planId, status, currentPeriodEnd, cancelAtPeriodEnd }) => ({
    ...{ planId, status, cancelAtPeriodEnd },
    currentPeriodEnd: instant(currentPeriodEnd),
  }),
};

const newId = () => `manual-${crypto.randomUUID().slice(0, 8)}`;

export const END_SUBSCRIPTION: Verb = {
  name: "end-subscription",
  method: "DELETE",
  address: ({ uid, id }) => `/api/users/${part(uid)}/subscriptions/${part(id)}`,
  fields: none,
  body: nothing,
};

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
