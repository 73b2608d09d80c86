// Plans as they are edited: what their document says, and nothing that it leaves to defaults.

import { answered, api, Refused, type Schemas } from "../../api";
import type { Json } from "./schema";

export type Plan = Schemas["PlanAnswer"];
export type Terms = Record<string, Json>;

/** All plans, with the number of users on each. */
export async function loadPlans(): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { cursor, pageSize: 100, users: true };
    const page: { items: Plan[]; cursor: string | null } = await answered(
      api.GET("/api/plans", { params: { query } }),
    );
    // Everybody may see plans, but only admins how many are on them.
    if (page.items.some((plan) => plan.users === null)) throw new Refused("not-allowed");
    plans.push(...page.items);
    cursor = page.cursor;
  }
  return plans;
}

/** In the order of the form. */
export const FIELDS = [
  ...["name", "tier", "rank", "active", "limits", "limitsByType", "rates"],
  ...["prices", "overage", "period", "trialDays", "products"],
];

/** What a plan says, to be changed and sent back with its version. */
export async function termsOf(id: string, plan: Plan | undefined): Promise<Terms> {
  const { readDocument } = await import("../../firestore");
  const stored = (await readDocument(`plans/${id}`)) ?? shipped(plan);
  return Object.fromEntries(
    FIELDS.filter((name) => stored[name] !== undefined && stored[name] !== null).map((name) => [
      name,
      stored[name] as Json,
    ]),
  );
}

/** A plan without a document says only this. */
const shipped = (plan: Plan | undefined): Record<string, unknown> =>
  plan
    ? { name: plan.name, tier: plan.tier, rank: plan.rank, limits: plan.limits }
    : { limits: {} };
