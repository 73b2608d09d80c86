// One user's way through Genquota, step by step. Each step yields its name and its facts, with the
// numbers before and after; dev/walkthrough.mjs tells them in words, the tests compare them.

import { randomUUID } from "node:crypto";

import { travelTo } from "./emulator.mjs";

const PHONES_AT_ONCE = 12;

export async function* story(app, startsAt) {
  await travelTo(startsAt);
  const email = `ada-${randomUUID().slice(0, 8)}@example.com`;
  await app.signUp(email);
  yield ["signedUp", { email, uid: app.uid, now: startsAt }];

  let quota = await app.checkLimit({ type: "image" });
  yield ["checked", { planId: quota.planId, canGenerate: quota.canGenerate, after: numbers(quota) }];
  const live = new Live(app);
  await live.until(0, 0);

  const wish = { idempotencyKey: randomUUID(), type: "image", ...prompt("a lighthouse in fog") };
  const opened = await app.createGeneration(wish);
  await live.until(0, 1);
  yield ["opened", { status: opened.generationStatus, ...change(quota, opened.quota) }];

  const settled = await succeed(app, opened);
  await live.until(1, 0);
  yield ["succeeded", { ...outcome(settled), ...change(opened.quota, settled.quota) }];

  const replay = await app.createGeneration(wish);
  const same = replay.generationId === opened.generationId;
  yield ["replayed", { same, replayed: replay.replayed, ...change(settled.quota, replay.quota) }];

  const unlucky = await app.createGeneration(newWish("a castle of cards"));
  await live.until(1, 1);
  const failed = await app.updateGeneration({
    generationId: unlucky.generationId,
    generationStatus: "failed",
    errorMessage: "the engine ran out of memory",
  });
  await live.until(1, 0);
  const during = numbers(unlucky.quota);
  yield ["failed", { ...outcome(failed), ...change(replay.quota, failed.quota), during }];

  await travelTo(iso(new Date(startsAt).getTime() + 60_000)); // so that "newest first" says something
  const wishes = Array.from({ length: PHONES_AT_ONCE }, (_, n) => newWish(`poster ${n}`));
  const answers = await Promise.allSettled(wishes.map((each) => app.createGeneration(each)));
  const open = answers.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
  const refusals = answers.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
  quota = await app.checkLimit();
  const [asked, passed] = [answers.length, open.length];
  const reasons = refusals.map(({ reason, message }) => reason ?? message);
  yield ["burst", { asked, passed, reasons, ...change(failed.quota, quota) }];

  const { code, message, details = {} } = refusals[0] ?? {};
  yield ["refused", { code, message, details }];

  await live.until(1, 9);
  live.stop();
  yield ["watched", { seen: live.seen }];

  const mine = `users/${app.uid}`;
  yield ["cheated", {
    addsCredits: await app.tryToUpdate(mine, { "usage.windows": [] }),
    becomesAdmin: await app.tryToSet(mine, { role: "admin" }),
    opensByHand: await app.tryToSet("userGenerations/mine", { userId: app.uid }),
    readsAnother: await app.tryToRead("users/somebody-else"),
    after: numbers(await app.checkLimit()),
  }];

  const listed = await app.myGenerations();
  const newestFirst = listed.every(
    ({ createdAt }, n) => n === 0 || createdAt.toMillis() <= listed[n - 1].createdAt.toMillis(),
  );
  const failures = (await app.myGenerations(["generationStatus", "failed"])).length;
  yield ["listed", { statuses: listed.map((each) => each.generationStatus), newestFirst, failures }];

  const [forgotten, ...others] = open;
  for (const each of others) await succeed(app, each);
  const before = await app.checkLimit();
  const holdEnds = iso(forgotten.expiresAt);
  await travelTo(holdEnds);
  quota = await app.checkLimit();
  yield ["forgotten", { now: holdEnds, ...change(before, quota) }];

  const nextPeriod = iso(quota.resetsAt);
  await travelTo(nextPeriod);
  const fresh = await app.checkLimit();
  yield ["nextPeriod", { now: nextPeriod, ...change(quota, fresh) }];

  const { lifetimeTotal, currentPeriodUsed, stats } = await app.getUsage();
  yield ["summed", { lifetimeTotal, currentPeriodUsed, stats }];
  await travelTo(null);
}

/** The numbers in one's own user document, as they change under a listener. */
class Live {
  constructor(app) {
    this.seen = [];
    this.waiting = () => {};
    this.stop = app.watchUsage(({ windows }) => {
      const { used, reserved } = windows.find((each) => each.window === "period" && !each.type);
      this.seen.push({ used, reserved });
      this.waiting();
    });
  }

  /** Wait until the numbers arrive. If they don't, go on: `seen` tells what came instead. */
  async until(used, reserved, seconds = 30) {
    const arrived = () => this.seen.at(-1)?.used === used && this.seen.at(-1)?.reserved === reserved;
    if (arrived()) return;
    await new Promise((goOn) => {
      const patience = setTimeout(goOn, seconds * 1000);
      this.waiting = () => {
        if (!arrived()) return;
        clearTimeout(patience);
        goOn();
      };
    });
  }
}

export function newWish(text) {
  return { idempotencyKey: randomUUID(), type: "image", ...prompt(text) };
}

export function succeed(app, { generationId }) {
  const imageUrl = `https://images.example.com/${generationId}.png`;
  return app.updateGeneration({ generationId, generationStatus: "success", imageUrl });
}

function prompt(promptText) {
  return { promptId: "walk-through", promptText };
}

function outcome({ generationStatus, charged, refunded }) {
  return { status: generationStatus, charged, refunded };
}

export function change(before, after) {
  return { before: numbers(before), after: numbers(after) };
}

function numbers({ limit, used, reserved, remaining, resetsAt }) {
  return { limit, used, reserved, remaining, resetsAt: iso(resetsAt) };
}

export function iso(instant) {
  return new Date(instant).toISOString().replace(".000Z", "Z");
}
