// Numbers, dates and lengths as the reader writes them.

import { locale } from "./locale.svelte";

const relative = new Map<string | undefined, Intl.RelativeTimeFormat>();
const numbers = new Map<string | undefined, Intl.NumberFormat>();
const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** The formatter for the reader's locale, made once: making one takes longer than using it. */
function kept<T>(made: Map<string | undefined, T>, make: (name: string | undefined) => T): T {
  const name = locale.chosen;
  let it = made.get(name);
  if (!it) made.set(name, (it = make(name)));
  return it;
}

export const number = (value: number): string =>
  kept(numbers, (name) => new Intl.NumberFormat(name)).format(value);

export const percent = (share: number): string =>
  share.toLocaleString(locale.chosen, { style: "percent", maximumFractionDigits: 1 });

/** "in 3 days", "2 minutes ago". */
export function ago(at: Date, now = new Date()): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const [unit, length] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return kept(relative, (name) => new Intl.RelativeTimeFormat(name, { numeric: "auto" })).format(
    Math.trunc(seconds / length),
    unit,
  );
}

/** A date and a time, with the name of the zone. */
export function moment(at: Date, timeZone: string, second?: "2-digit"): string {
  return at.toLocaleString(locale.chosen, {
    timeZone,
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second,
    timeZoneName: "short",
  });
}

export function clock(at: Date, timeZone?: string): string {
  return at.toLocaleTimeString(locale.chosen, { timeZone, hour: "2-digit", minute: "2-digit" });
}

/** "15 Mar" of "2027-03-15", or with its year. */
export function day(date: string, year?: "numeric"): string {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString(locale.chosen, {
    timeZone: "UTC",
    month: "short",
    day: "numeric",
    year,
  });
}

/** How long something took: "0.8 s", "42 s", "3 min". */
export function length(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [value, unit] = seconds < 100 ? [seconds, "second"] : [seconds / 60, "minute"];
  const digits = value < 10 ? 1 : 0;
  return value.toLocaleString(locale.chosen, {
    style: "unit",
    unit,
    maximumFractionDigits: digits,
  });
}

/** The instant at which a date begins in a time zone. */
export const startOfDay = (date: string, timeZone: string): Date =>
  instantOf(`${date}T00:00`, timeZone);

/** The instant at which clocks in a time zone show a date and a time ("2027-03-31T14:00"). */
export function instantOf(local: string, timeZone: string): Date {
  const shown = new Date(`${local}Z`);
  const guess = new Date(shown.getTime() - offset(shown, timeZone));
  // Clocks may have been changed between the two.
  return new Date(shown.getTime() - offset(guess, timeZone));
}

/** What clocks in a time zone show, as `<input type="datetime-local">` takes it. */
export const localOf = (at: Date, timeZone: string): string =>
  new Date(at.getTime() + offset(at, timeZone)).toISOString().slice(0, 16);

/** By how many milliseconds clocks in a time zone are ahead of UTC. */
function offset(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    timeZoneName: "longOffset",
  }).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [];
  const away = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "+" ? away : -away;
}
