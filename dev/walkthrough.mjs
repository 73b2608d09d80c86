// Plays the stories of tests/e2e against the running emulators and tells them in plain words.

import { App } from "../tests/e2e/app.mjs";
import { business } from "../tests/e2e/business.mjs";
import { community } from "../tests/e2e/community.mjs";
import { statistics } from "../tests/e2e/statistics.mjs";
import { iso, story } from "../tests/e2e/story.mjs";

const WORDS = {
  signedUp: ({ email, now }) => [
    `${email} signs up with the Firebase JS SDK`,
    `the test clock says ${now}; nothing has been set up for this user`,
  ],
  checked: ({ planId, canGenerate }) => [
    `check_limit: may I generate? ${canGenerate ? "Yes" : "No"}`,
    `the first call made the user's document, on the plan "${planId}"`,
  ],
  opened: ({ status }) => [
    "create_generation: one image is opened before the AI engine is called",
    `it is ${status}, and one credit is held for it`,
  ],
  succeeded: ({ charged }) => [
    "update_generation: the engine delivered, the app reports success",
    `the held credit is charged: ${charged}`,
  ],
  replayed: ({ same, replayed }) => [
    "the network hiccups and the app sends the same create_generation again",
    `same idempotency key: ${same ? "the same" : "ANOTHER"} generation, replayed: ${replayed}`,
  ],
  failed: ({ during, refunded }) => [
    "another image is opened, and the engine fails",
    `while it was open: ${sentence(during)}`,
    refunded ? "reported as failed, it was given back at once" : "it was NOT given back",
  ],
  burst: ({ asked, passed, reasons }) => [
    `${asked} create_generation calls at the very same time`,
    `${passed} passed, ${reasons.length} were refused (${[...new Set(reasons)].join(", ")})`,
  ],
  refused: ({ message, details }) => [
    "what a refused app is told",
    `"${message}"`,
    `details: window ${details.window}, requested ${details.requested}, resetsAt ${details.resetsAt}`,
  ],
  watched: ({ seen }) => [
    "all the while the app listened to its own users document, without polling",
    `used/reserved went ${seen.map(({ used, reserved }) => `${used}/${reserved}`).join(" -> ")}`,
  ],
  cheated: ({ addsCredits, becomesAdmin, opensByHand, readsAnother }) => [
    "a cheating app tries the database itself",
    `give oneself credits: ${addsCredits}; become admin: ${becomesAdmin}`,
    `write a generation by hand: ${opensByHand}; read another user: ${readsAnother}`,
  ],
  listed: ({ statuses, failures }) => [
    "the app lists its own generations, newest first",
    `${statuses.length} in all: ${counted(statuses)}; asked for failed ones: ${failures}`,
  ],
  forgotten: ({ now }) => [
    "all open ones but one are reported as success; of that one nobody ever hears again",
    `time travel to ${now}, when its hold ends: its credit is free again`,
  ],
  nextPeriod: ({ now }) => [
    `time travel to ${now}: the next period begins`,
    "the whole allowance is there, without any job having run",
  ],
  summed: ({ lifetimeTotal, stats }) => [
    "get_usage: what remains in the books",
    `${lifetimeTotal} successful generations in all; of ${stats.total} opened ${stats.failed} failed`,
  ],
  upgraded: ({ forged, planIds, delivered }) => [
    "the user buys the plan plus, and Stripe says so in a signed event",
    `the same event signed by somebody else was answered with ${forged} and changed nothing`,
    `the plan was "${planIds[0]}" and is "${planIds[2]}"; delivered twice: ${delivered.join(", ")}`,
  ],
  granted: ({ email, notYet, byUser, left }) => [
    "an operator gives 5 credits over the HTTP API",
    `before make admin EMAIL=${email} that was ${notYet?.reason}; for the user it still is ${byUser?.reason}`,
    `two colleagues gave them for the same ticket; the user has ${left}`,
  ],
  refunded: ({ status, charged, refunded }) => [
    "a picture came out black, and the operator refunds it",
    `the record stays a ${status}: charged ${charged}, refunded: ${refunded}`,
  ],
  reset: ({ promised, still, entry, actions }) => [
    "the operator sets what was used of this period to zero",
    `a dry run promised used ${promised}, and it stayed ${still}; then it was done`,
    `the audit log: ${entry.action}, "${entry.note}"; of this user, newest first: ${actions.join(", ")}`,
  ],
  cannotHideIt: ({ changes }) => [
    "the operator tries to change that entry",
    `${changes}: nobody does`,
  ],
  feedShows: ({ name, prompt, engine, statuses }) => [
    "another user watches the live feed while the first one generates",
    `they see "${name}", ${engine}, "${prompt}": the email is masked`,
    `without asking again they saw it ${statuses.join(", then ")}`,
  ],
  feedLeft: ({ charged, stillEmpty }) => [
    "the first user leaves the feed while another image is being made",
    "all of their entries are gone from the other one's screen",
    `the image is charged (${charged}) when it is done; it ${stillEmpty ? "does not come back" : "CAME BACK"}`,
  ],
  analysed: ({ analytics, successRate, engines }) => [
    "the operator looks at the analytics of all this",
    `${analytics.success} succeeded, ${analytics.failed} failed, ${analytics.expired} expired: ${Math.round(successRate * 100)} % success`,
    `${analytics.charged} credits charged, ${analytics.activeUsers} active user; by engine: ${engines.map((each) => each.join(" ")).join(", ")}`,
    "what the records of all generations add up to is compared with that",
  ],
};

// What used, reserved and remaining must be after each step: on a plan of 10 credits a period, then of 100.
const EXPECTED = {
  checked: [0, 0, 10],
  opened: [0, 1, 9],
  succeeded: [1, 0, 9],
  replayed: [1, 0, 9],
  failed: [1, 0, 9],
  burst: [1, 9, 0],
  cheated: [1, 9, 0],
  forgotten: [9, 0, 1],
  nextPeriod: [0, 0, 10],
  upgraded: [0, 0, 100],
  refunded: [0, 0, 100],
  reset: [0, 0, 100],
};

function sentence({ limit, used, reserved, remaining }) {
  return `limit ${limit}, used ${used}, reserved ${reserved}, remaining ${remaining}`;
}

function counted(words) {
  const kinds = [...new Set(words)];
  return kinds.map((kind) => `${words.filter((each) => each === kind).length} ${kind}`).join(", ");
}

/** The user's story, and from the next period on how the business goes with them. */
async function* all(startsAt) {
  const app = new App();
  let nextPeriod;
  for await (const fact of story(app, startsAt)) {
    if (fact[0] === "nextPeriod") nextPeriod = fact[1].now;
    yield fact;
  }
  const later = (minutes) => iso(new Date(nextPeriod).getTime() + minutes * 60_000);
  const operator = new App();
  yield* business(app, operator, later(10));
  yield* community(app, operator, later(20));
  yield* statistics(operator, later(30), 60);
}

let [step, wrong] = [0, 0];
for await (const [name, facts] of all(process.argv[2])) {
  const [title, ...lines] = WORDS[name](facts);
  console.log(`\n${String((step += 1)).padStart(3)}. ${title}`);
  for (const line of lines) console.log(`     ${line}`);
  if (facts.before) console.log(`     before: ${sentence(facts.before)}`);
  if (facts.after) console.log(`     after:  ${sentence(facts.after)}`);
  const { used, reserved, remaining } = facts.after ?? {};
  if (name in EXPECTED && String(EXPECTED[name]) !== String([used, reserved, remaining])) {
    wrong += 1;
    console.log(`     NOT AS PROMISED: used, reserved and remaining should be ${EXPECTED[name]}`);
  }
  if (facts.records && JSON.stringify(facts.records) !== JSON.stringify(facts.analytics)) {
    wrong += 1;
    console.log(`     NOT AS PROMISED: the records add up to ${JSON.stringify(facts.records)}`);
  }
  if (facts.reasons?.some((reason) => reason !== "quota-exceeded")) {
    wrong += 1;
    console.log("     NOT AS PROMISED: all refusals should be quota-exceeded");
  }
}
console.log(wrong ? `\n${wrong} of ${step} steps went wrong.` : `\nAll ${step} steps went as promised.`);
process.exit(wrong ? 1 : 0); // the SDK keeps connections open
