// How an app's business goes: somebody pays, and an operator helps. Each step yields its name and its
// facts, as those of story.mjs do.

import { randomUUID } from "node:crypto";

import { deliver, deliverSignedWith, makeAdmin, subscriptionBought, travelTo } from "./emulator.mjs";
import { change, iso, newWish, succeed } from "./story.mjs";

export async function* business(app, operator, startsAt) {
  let at = new Date(startsAt).getTime();
  const aMinuteLater = () => travelTo(iso((at += 60_000)));
  await travelTo(startsAt);
  await succeed(app, await app.createGeneration(newWish("the last one on the old plan")));
  const before = await app.checkLimit();
  const bought = subscriptionBought(app.uid, "price_plus", startsAt);
  const forged = await deliverSignedWith("whsec_of_somebody_else", bought);
  const untouched = (await app.checkLimit()).planId;
  const delivered = await deliver(bought);
  const upgraded = await app.checkLimit();
  const again = await deliver(bought);
  yield ["upgraded", {
    forged: forged.http,
    planIds: [before.planId, untouched, upgraded.planId],
    delivered: [delivered.status, again.status],
    ...change(before, upgraded),
  }];

  await aMinuteLater();
  const email = `olga-${randomUUID().slice(0, 8)}@example.com`;
  await operator.signUp(email);
  const gift = { credits: 5, idempotencyKey: "ticket-4711", note: "ticket 4711: the outage of Tuesday" };
  const grants = `users/${app.uid}/grants`;
  const notYet = await refusalOf(operator.api("POST", grants, gift));
  await makeAdmin(email);
  await operator.api("POST", grants, gift);
  await operator.api("POST", grants, gift); // a colleague works on the same ticket
  const { remaining: left } = (await app.checkLimit()).grants;
  const byUser = await refusalOf(app.api("POST", grants, gift));
  yield ["granted", { email, notYet, byUser, left }];

  await aMinuteLater();
  const black = await app.createGeneration(newWish("a cat in a coal cellar"));
  const charged = await succeed(app, black);
  const refund = { note: "ticket 4712: the picture was black" };
  await operator.api("POST", `generations/${black.generationId}/refund`, refund);
  await operator.api("POST", `generations/${black.generationId}/refund`, refund);
  const record = await operator.api("GET", `generations/${black.generationId}`);
  yield ["refunded", {
    status: record.generationStatus,
    charged: record.charged,
    refunded: record.refunded,
    ...change(charged.quota, await app.checkLimit()),
  }];

  await aMinuteLater();
  for (const n of [1, 2, 3]) await succeed(app, await app.createGeneration(newWish(`a test ${n}`)));
  const used = await app.checkLimit();
  const why = { note: "ticket 4713: they tested for us" };
  const reset = `usage-tracking/reset-period/${app.uid}`;
  const { quota: promised } = await operator.api("POST", `${reset}?dryRun=true`, why);
  const still = await app.checkLimit();
  const { auditId } = await operator.api("POST", reset, why);
  const log = await operator.api("GET", `audit-log?userId=${app.uid}`);
  const entry = log.items.find(({ id }) => id === auditId) ?? {};
  yield ["reset", {
    promised: promised.used,
    still: still.used,
    entry: { action: entry.action, note: entry.note, byOperator: entry.actorId === operator.uid },
    actions: log.items.map(({ action }) => action),
    ...change(used, await app.checkLimit()),
  }];

  yield ["cannotHideIt", {
    changes: await operator.tryToUpdate(`auditLog/${auditId}`, { note: "nothing happened" }),
  }];
  await travelTo(null);
}

async function refusalOf(call) {
  try {
    await call;
    return null;
  } catch ({ code, reason }) {
    return { code, reason };
  }
}
