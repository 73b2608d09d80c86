// What operators can do, one row each. The dialog does the rest: preview, note, Apply.

import { texts } from "../texts";

export interface Field {
  name: string;
  /** Instead of the usual one of that name. */
  label?: string;
  kind: "text" | "number" | "date" | "check" | "choice";
  options?: Record<string, string>;
  isOptional?: boolean;
  starts?: string | boolean;
}

/** Who or what it is done to. */
export interface Subject {
  uid: string;
  /** Of what it is done to, if that is not the user. */
  id?: string;
  email?: string;
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
  body: (values: Values) => object;
  /** The user's email is asked for. */
  isFinal?: boolean;
}

const WINDOWS = { day: "Day", week: "Week", month: "Month", period: "Period" };

const user = ({ uid }: Subject, rest = "") => `/api/users/${encodeURIComponent(uid)}${rest}`;
const orNull = (value: string | boolean | undefined) => (value === "" ? null : value);
export const instant = (date: string | boolean | undefined) =>
  date ? new Date(`${String(date)}T00:00:00Z`).toISOString() : undefined;
const none = () => [];
const nothing = () => ({});

const UNTIL: Field = { name: "expiresAt", kind: "date", isOptional: true };

const reset = (window: string): Verb => ({
  name: `reset-${window}`,
  method: "POST",
  address: ({ uid }) => `/api/usage-tracking/reset-${window}/${encodeURIComponent(uid)}`,
  fields: none,
  body: nothing,
});

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
      { name: "window", kind: "choice", options: WINDOWS, starts: "period" },
      { name: "limit", kind: "number", isOptional: true },
      UNTIL,
    ],
    body: ({ window, limit, expiresAt }) => ({
      limits: { [String(window)]: limit === "" ? null : Number(limit) },
      expiresAt: instant(expiresAt),
    }),
  },
  {
    name: "grant",
    method: "POST",
    address: (subject) => user(subject, "/grants"),
    fields: () => [{ name: "credits", kind: "number" }, UNTIL],
    body: ({ credits, expiresAt }) => ({
      credits: Number(credits),
      expiresAt: instant(expiresAt),
    }),
  },
  ...["daily", "weekly", "monthly", "quarterly", "period"].map(reset),
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
    fields: ({ timezone }) => [{ name: "timezone", kind: "text", starts: timezone ?? "" }],
    body: ({ timezone }) => ({ timezone }),
  },
  {
    name: "disabled",
    method: "PUT",
    address: (subject) => user(subject, "/disabled"),
    fields: () => [{ name: "disabled", kind: "check" }],
    body: ({ disabled }) => ({ disabled }),
  },
  {
    name: "delete",
    method: "DELETE",
    address: (subject) => user(subject),
    fields: none,
    body: nothing,
    isFinal: true,
  },
  {
    name: "restore",
    method: "POST",
    address: (subject) => user(subject, "/restore"),
    fields: none,
    body: nothing,
  },
];

export const TAKE_GRANT: Verb = {
  name: "take-grant",
  method: "DELETE",
  address: (subject) => user(subject, `/grants/${encodeURIComponent(subject.id ?? "")}`),
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
