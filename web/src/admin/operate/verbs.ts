// What operators can do, one row each. The dialog does the rest: preview, note, Apply.

import type { Schemas } from "../../api";
import { texts } from "../../texts/admin";
import { LIMIT_WINDOWS } from "../../texts/windows";
import { term, withoutTerms } from "./terms";

export interface Field {
  name: string;
  /** Instead of the usual one of that name. */
  label?: string;
  kind: "text" | "number" | "date" | "check" | "choice";
  options?: Record<string, string>;
  isOptional?: boolean;
  starts?: string | boolean;
  /** Of a number; 0 by default. */
  min?: number;
  /** Whether it is asked for, given the other values; always by default. */
  isShown?: (values: Values) => boolean;
}

/** Who or what it is done to. */
export interface Subject {
  uid: string;
  /** Of what it is done to, if that is not the user. */
  id?: string;
  override?: Schemas["OverrideAnswer"];
  subscription?: Schemas["SubscriptionRecord"];
  email?: string;
  /** What the dialog calls it. */
  title?: string;
  planId?: string | null;
  role?: string;
  timezone?: string | null;
  /** What its other fields say now. */
  current?: Values;
}

export type Values = Record<string, string | boolean>;

export interface Verb {
  name: string;
  method: "PUT" | "POST" | "DELETE";
  /** Where it is sent; some of that may be filled in. */
  address: (subject: Subject, values: Values) => string;
  fields: (subject: Subject) => Field[];
  body: (values: Values, subject: Subject) => object;
  /** The user's email is asked for. */
  isFinal?: boolean;
}

const RATES = ["minute", "hour", "maxOpen"];
const { limit, terms, windows } = texts.operate;
const LIMITS = {
  ...Object.fromEntries(Object.entries(windows).map(([name, text]) => [name, limit(text)])),
  ...Object.fromEntries([...RATES, "overage"].map((name) => [name, terms[name] ?? name])),
};

const user = ({ uid }: Subject, rest = "") => `/api/users/${encodeURIComponent(uid)}${rest}`;
const orNull = (value: string | boolean | undefined) => (value === "" ? null : value);
export const instant = (date: string | boolean | undefined) =>
  date ? new Date(`${String(date)}T00:00:00Z`).toISOString() : undefined;
const none = () => [];
const nothing = () => ({});

const UNTIL: Field = { name: "expiresAt", kind: "date", isOptional: true };

const subscriptionOf = (subject: Subject, id: string) =>
  user(subject, `/subscriptions/${encodeURIComponent(id)}`);

const reset = (window: string): Verb => ({
  name: `reset-${window}`,
  method: "POST",
  address: ({ uid }) => `/api/usage-tracking/reset-${window}/${encodeURIComponent(uid)}`,
  fields: none,
  body: nothing,
});

const newSubscriptionId = () => `manual-${crypto.randomUUID().slice(0, 8)}`;

/** Of a subject with a subscription it changes that; else it is asked which, and perhaps whose. */
export const PUT_SUBSCRIPTION: Verb = {
  name: "put-subscription",
  method: "PUT",
  address: ({ subscription, uid }, { userId, subscriptionId }) =>
    subscriptionOf(
      { uid: uid || String(userId).trim() },
      subscription?.id ?? String(subscriptionId).trim(),
    ),
  fields: ({ subscription, uid }) => [
    ...(uid ? [] : [{ name: "userId", kind: "text" } as const]),
    ...(subscription
      ? []
      : [{ name: "subscriptionId", kind: "text", starts: newSubscriptionId() } as const]),
    {
      name: "planId",
      kind: "text",
      label: texts.subscriptions.planId,
      starts: subscription?.planId ?? "",
    },
    {
      ...{ name: "status", kind: "choice", options: texts.subscriptions.statuses },
      starts: subscription?.status ?? "active",
    },
    {
      ...{ name: "currentPeriodEnd", kind: "date", isOptional: true },
      starts: subscription?.currentPeriodEnd?.slice(0, 10) ?? "",
    },
    {
      ...{ name: "cancelAtPeriodEnd", kind: "check" },
      starts: subscription?.cancelAtPeriodEnd ?? false,
    },
  ],
  // An end that was not touched keeps its time of day; left out, an active subscription would lose it.
  body: ({ planId, status, currentPeriodEnd, cancelAtPeriodEnd }, { subscription }) => ({
    ...{ planId, status },
    // Of a new one the server knows what is usual.
    cancelAtPeriodEnd: cancelAtPeriodEnd || (subscription ? false : undefined),
    currentPeriodEnd:
      currentPeriodEnd === subscription?.currentPeriodEnd?.slice(0, 10)
        ? subscription?.currentPeriodEnd
        : instant(currentPeriodEnd),
  }),
};

export const OF_USER: Verb[] = [
  {
    name: "plan",
    method: "PUT",
    address: (subject) => user(subject, "/plan"),
    fields: ({ planId }) => [
      { name: "planId", kind: "text", isOptional: true, starts: planId ?? "" },
      { name: "now", kind: "check" },
      UNTIL,
    ],
    body: ({ planId, now, expiresAt }) => ({
      planId: orNull(planId),
      now,
      expiresAt: instant(expiresAt),
    }),
  },
  {
    name: "limits",
    method: "PUT",
    address: (subject) => user(subject, "/limits"),
    fields: () => [
      { name: "window", kind: "choice", options: LIMITS, starts: "period" },
      {
        ...{ name: "type", kind: "text", isOptional: true },
        isShown: ({ window }) => String(window) in windows,
      },
      { name: "limit", kind: "number", min: -1, isOptional: true },
      UNTIL,
    ],
    body: ({ window, type, limit, expiresAt }) => ({
      ...term(String(window), type ? String(type) : "", limit === "" ? null : Number(limit)),
      expiresAt: instant(expiresAt),
    }),
  },
  {
    name: "grant",
    method: "POST",
    address: (subject) => user(subject, "/grants"),
    fields: () => [
      { name: "credits", kind: "number", min: 1 },
      { name: "purchased", kind: "check" },
      UNTIL,
    ],
    body: ({ credits, purchased, expiresAt }) => ({
      ...{ credits: Number(credits), purchased },
      expiresAt: instant(expiresAt),
    }),
  },
  ...LIMIT_WINDOWS.map(({ reset: name }) => reset(name)),
  {
    name: "role",
    method: "PUT",
    address: (subject) => user(subject, "/role"),
    fields: ({ role }) => [
      { name: "role", kind: "choice", options: texts.users.roles, starts: role ?? "user" },
    ],
    body: ({ role }) => ({ role }),
  },
  {
    name: "timezone",
    method: "PUT",
    address: (subject) => user(subject, "/timezone"),
    fields: ({ timezone }) => [
      { name: "timezone", kind: "text", isOptional: true, starts: timezone ?? "" },
    ],
    body: ({ timezone }) => ({ timezone: orNull(timezone) }),
  },
  {
    name: "disabled",
    method: "PUT",
    address: (subject) => user(subject, "/disabled"),
    fields: () => [{ name: "disabled", kind: "check" }],
    body: ({ disabled }) => ({ disabled }),
  },
  PUT_SUBSCRIPTION,
  {
    name: "restore",
    method: "POST",
    address: (subject) => user(subject, "/restore"),
    fields: none,
    body: nothing,
  },
  {
    name: "delete",
    method: "DELETE",
    address: (subject) => user(subject),
    fields: none,
    body: nothing,
    isFinal: true,
  },
];

export const TAKE_GRANT: Verb = {
  name: "take-grant",
  method: "DELETE",
  address: (subject) => user(subject, `/grants/${encodeURIComponent(subject.id ?? "")}`),
  fields: none,
  body: nothing,
};

/** Give the plan's word back on one term of an override. */
export const END_OVERRIDE: Verb = {
  name: "end-override",
  method: "PUT",
  address: (subject) => user(subject, subject.override?.planId ? "/plan" : "/limits"),
  fields: none,
  body: (_, { override, planId }) =>
    override?.planId ? { planId: planId ?? null } : override ? withoutTerms(override) : {},
};

export const END_SUBSCRIPTION: Verb = {
  name: "end-subscription",
  method: "DELETE",
  address: (subject) => subscriptionOf(subject, subject.id ?? ""),
  fields: none,
  body: nothing,
};

export const REFUND: Verb = {
  name: "refund",
  method: "POST",
  address: ({ id }) => `/api/generations/${encodeURIComponent(id ?? "")}/refund`,
  fields: none,
  body: nothing,
};
