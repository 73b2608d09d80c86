// What a change does, as rows of a table: before, and after.

import type { Schemas } from "../../api";
import { moment } from "../../format";
import { zone } from "../../me.svelte";
import { texts } from "../../texts/common";
import { texts as own } from "../../texts/admin";

/** What any change answers: of a user, of something else, or how much a job or a deletion has to do. */
export type Change = Partial<Schemas["ChangeAnswer"]> & {
  report?: Record<string, unknown>;
  documents?: Record<string, number>;
  /** False: it is to be called again. */
  finished?: boolean;
};
type Quota = Schemas["QuotaAnswer"];
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

export type Difference = [what: string, before: string, after: string];

export function differences(change: Change): Difference[] {
  const { before = {}, after = {}, quota, quotaBefore } = change;
  const rows = quota && quotaBefore ? windows(quotaBefore, quota) : [];
  return [...facts(before, after), ...rows].filter(([, one, other]) => one !== other);
}

/** How much a job has to do, or of what a deletion deletes how many. */
export const counts = ({ report, documents }: Change): [what: string, count: string][] =>
  Object.entries({ ...report, ...documents }).map(([name, value]) => [
    own.changes[name] ?? name,
    shown(value),
  ]);

/** What is so before and after, by the names of the parts. */
export function facts(before: object, after: object): Difference[] {
  const [one, other] = [flat(before), flat(after)];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.map((name) => [name, shown(one[name]), shown(other[name])]);
}

/** Maps within maps, as one: "Limits, period". */
function flat(value: object, above = ""): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      const path = above + (own.changes[name] ?? name);
      const isMap = each !== null && typeof each === "object" && !Array.isArray(each);
      return isMap ? Object.entries(flat(each as object, `${path}, `)) : [[path, each]];
    }),
  );
}

function windows(before: Quota, after: Quota): Difference[] {
  const rows = new Map<string, [string, string]>();
  const keep = (quota: Quota, place: 0 | 1) => {
    for (const { window, type, used, limit } of quota.windows) {
      const name = own.operate.window(texts.windows[window] ?? window, type);
      const row = rows.get(name) ?? [own.operate.nothing, own.operate.nothing];
      row[place] = own.operate.row(used, limit);
      rows.set(name, row);
    }
    const grants = rows.get(texts.usage.extra) ?? ["", ""];
    grants[place] = String(quota.grants.remaining);
    rows.set(texts.usage.extra, grants);
  };
  keep(before, 0);
  keep(after, 1);
  return [...rows].map(([name, [one, other]]) => [name, one, other]);
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return own.operate.nothing;
  if (typeof value === "boolean") return value ? own.generation.yes : own.generation.no;
  if (typeof value === "string" && INSTANT.test(value)) return moment(new Date(value), zone());
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
