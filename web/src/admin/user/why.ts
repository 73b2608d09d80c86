// Why a plan is in force: override, then subscription, then what was given, then the default.

import type { Schemas } from "../../api";
import { moment } from "../../format";
import { zone } from "../../me.svelte";
import { texts } from "../../texts/admin";

type User = Schemas["UserInFull"];

/** The override that decides which plan is in force, if one does: the newest that names a plan. */
export const decidingOverride = (user: User) => user.overrides.findLast(({ planId }) => planId);

export function why(user: User): string {
  const { planId, subscription } = user.usage;
  const override = decidingOverride(user);
  const { why } = texts.user;
  if (!planId) return why.none;
  if (override) return [why.override, until(override.expiresAt)].filter(Boolean).join(" ");
  if (subscription) return why.subscription(subscription.id);
  return user.planId === planId ? why.given : why.standard;
}

const until = (at: string | null) => (at ? texts.user.why.until(moment(new Date(at), zone())) : "");
