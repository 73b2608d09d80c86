// What an operator sees of all that happened: the analytics, beside the records that they are made of.
// The step yields its name and its facts, as those of story.mjs do.

import { travelTo } from "./emulator.mjs";
import { iso } from "./story.mjs";

const ENDINGS = ["success", "failed", "cancelled", "expired"];

/** `operator` is an admin. */
export async function* statistics(operator, startsAt, days) {
  await travelTo(startsAt);
  await operator.api("POST", "maintenance/expire_generations", { note: "no schedule runs here" });
  // Statistics lag behind by half a minute, so that no commit that is under way is missed.
  await travelTo(iso(new Date(startsAt).getTime() + 60_000));
  const analytics = await operator.api("GET", `analytics?days=${days}`);
  const records = await all(operator, `generations?since=${new Date(analytics.from).toISOString()}`);
  const counted = (status) => records.filter(({ generationStatus }) => generationStatus === status).length;
  const users = new Set(records.map(({ userId }) => userId));
  yield ["analysed", {
    analytics: { ...pick(analytics.totals, [...ENDINGS, "charged"]), activeUsers: analytics.activeUsers.total },
    records: {
      ...Object.fromEntries(ENDINGS.map((status) => [status, counted(status)])),
      charged: records.reduce((sum, { charged }) => sum + charged, 0),
      activeUsers: users.size,
    },
    engines: analytics.byEngine.map(({ name, total }) => [name, total]),
    successRate: analytics.successRate,
    topUser: analytics.topUsers.items[0],
  }];
  await travelTo(null);
}

async function all(operator, path) {
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await operator.api("GET", `${path}&pageSize=100${cursor && `&cursor=${cursor}`}`);
    found.push(...page.items);
    cursor = page.cursor;
  }
  return found;
}

function pick(answer, names) {
  return Object.fromEntries(names.map((name) => [name, answer[name]]));
}
