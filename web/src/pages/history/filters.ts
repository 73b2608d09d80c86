// The filters of the history, as they stand in the address.

import type { paths } from "../../api-types";
import type { Schemas } from "../../api";
import { startOfDay } from "../../format";

export type Generation = Schemas["GenerationAnswer"];

type Asked = NonNullable<paths["/api/generations"]["get"]["parameters"]["query"]>;

export const STATUSES = ["success", "failed", "pending", "processing", "cancelled", "expired"];
export const FILTERS = ["status", "type", "since", "until"] as const;

/** What the server is asked; a day ends where the next one begins. */
export function asked(query: URLSearchParams, zone: string): Asked {
  const [status, type, since, until] = FILTERS.map((name) => query.get(name) || undefined);
  return {
    status: status as Asked["status"], // the server refuses others
    type: type as Asked["type"],
    since: since && startOfDay(since, zone).toISOString(),
    until: until && startOfDay(dayAfter(until), zone).toISOString(),
  };
}

export function dayAfter(date: string): string {
  const next = new Date(`${date}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

/** Whether all words stand in the prompt. */
export function matches(generation: Generation, words: string): boolean {
  const prompt = (generation.promptText ?? "").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => prompt.includes(word));
}
