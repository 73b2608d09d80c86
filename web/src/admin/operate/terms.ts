// What an override says, term by term, as the API takes it.

import type { Schemas } from "../../api";
import { texts } from "../../texts/admin";

type Override = Schemas["OverrideAnswer"];

const RATES = ["minute", "hour", "maxOpen"];

/** One term: a limit, of one type or of all, a rate, or the overage. Null gives the plan's word back. */
export function term(name: string, type: string, value: number | null): object {
  if (name === "overage") return { overage: value };
  if (RATES.includes(name)) return { rates: { [name]: value } };
  return type ? { limitsByType: { [type]: { [name]: value } } } : { limits: { [name]: value } };
}

/** The plan's word back on each term of an override. */
export function withoutTerms({ limits, limitsByType, rates, overage }: Override): object {
  const gone = (named: Record<string, number>) =>
    Object.fromEntries(Object.keys(named).map((name) => [name, null]));
  const byType = Object.entries(limitsByType).map(([type, named]) => [type, gone(named)]);
  return {
    limits: gone(limits),
    limitsByType: Object.fromEntries(byType),
    rates: gone(rates),
    ...(overage === null ? {} : { overage: null }),
  };
}

/** What an override says, as rows: name and value. */
export function termsOf(override: Override): [name: string, value: string][] {
  const { terms, limit, unlimited, windows } = texts.operate;
  const { planId, overage, rates, limits, limitsByType } = override;
  const ofWindows = (named: Record<string, number>, type = "") =>
    Object.entries(named).map(([window, value]): [string, number] => [
      `${limit(windows[window] ?? window)}${type ? `, ${type}` : ""}`,
      value,
    ]);
  const numbers: [string, number][] = [
    ...ofWindows(limits),
    ...Object.entries(limitsByType).flatMap(([type, named]) => ofWindows(named, type)),
    ...Object.entries(rates).map(([name, value]): [string, number] => [terms[name] ?? name, value]),
    ...(overage === null ? [] : [[terms.overage ?? "overage", overage] as [string, number]]),
  ];
  const rows = numbers.map(([name, value]): [string, string] => [
    name,
    value < 0 ? unlimited : String(value),
  ]);
  return planId ? [[terms.planId ?? "planId", planId], ...rows] : rows;
}
