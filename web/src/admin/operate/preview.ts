// What a change does, as rows of a table: before, and after.

import type { Schemas } from "../../api";
import { moment } from "../../format";
import { zone } from "../../me.svelte";
import { texts } from "../../texts";
import { texts as own } from "../texts";

type Change = Schemas["ChangeAnswer"] & { documents?: Record<string, number> };
type Quota = Schemas["QuotaAnswer"];
export type Difference = [what: string, before: string, after: string];

export function differences(change: Partial<Change>): Difference[] {
  const { before = {}, after = {}, quota, quotaBefore, documents = {} } = change;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const facts = names.map((name): Difference => [
    own.changes[name] ?? name,
    shown(before[name]),
    shown(after[name]),
  ]);
  const rows = quota && quotaBefore ? windows(quotaBefore, quota) : [];
  const deleted = Object.entries(documents).map(([name, count]): Difference => [
    name,
    String(count),
    own.operate.nothing,
  ]);
  return [...facts, ...rows, ...deleted].filter(([, one, other]) => one !== other);
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

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function shown(value: unknown): string {
  const { nothing, yes, no } = own.operate;
  if (value === null || value === undefined || value === "") return nothing;
  if (typeof value === "boolean") return value ? yes : no;
  if (typeof value === "string" && INSTANT.test(value)) return moment(new Date(value), zone());
  if (typeof value !== "object") return String(value);
  const parts = Object.entries(value).map(([name, each]) => `${name} ${shown(each)}`);
  return parts.join(", ") || nothing;
}
