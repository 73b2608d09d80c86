// `node play.mjs SCENARIO INSTANT`: plays a scenario that begins at INSTANT and prints its facts as JSON.

import { App } from "./app.mjs";
import { business } from "./business.mjs";
import { community } from "./community.mjs";
import { makeAdmin, runScheduled, travelTo } from "./emulator.mjs";
import { statistics } from "./statistics.mjs";
import { iso, newWish, story, succeed } from "./story.mjs";

const SCENARIOS = {
  /** The whole story, its facts by the names of the steps. */
  async story(startsAt) {
    const facts = {};
    for await (const [step, found] of story(new App(), startsAt)) facts[step] = found;
    return facts;
  },

  /** Somebody pays, and an operator helps. */
  async business(startsAt) {
    const [app, facts] = [new App(), {}];
    await app.signUp("bea@example.com");
    for await (const [step, found] of business(app, new App(), startsAt)) facts[step] = found;
    return facts;
  },

  /** Users who watch what others make. */
  async community(startsAt) {
    const [app, watcher, facts] = [new App(), new App(), {}];
    await app.signUp("maker@example.com");
    await watcher.signUp("watcher@example.com");
    for await (const [step, found] of community(app, watcher, startsAt)) facts[step] = found;
    return facts;
  },

  /** Generations of every ending, and what the analytics make of them. */
  async statistics(startsAt) {
    const [ada, bob, operator, facts] = [new App(), new App(), new App(), {}];
    const at = (minutes) => travelTo(iso(new Date(startsAt).getTime() + minutes * 60_000));
    await travelTo(startsAt);
    await ada.signUp("counted@example.com");
    await bob.signUp("counted-too@example.com");
    await operator.signUp("analyst@example.com");
    await operator.checkLimit();
    await makeAdmin("analyst@example.com");
    const engine = { engine: "flux-1" };
    const made = await ada.createGeneration({ ...newWish("a lighthouse"), ...engine });
    await succeed(ada, made);
    await succeed(ada, await ada.createGeneration({ ...newWish("a castle"), engine: "veo-3", type: "video" }));
    const unlucky = await bob.createGeneration({ ...newWish("a cat"), ...engine });
    const errorMessage = "timeout after 31 s for bob@example.com";
    await bob.updateGeneration({ generationId: unlucky.generationId, generationStatus: "failed", errorMessage });
    const unwanted = await bob.createGeneration(newWish("a dog"));
    await bob.updateGeneration({ generationId: unwanted.generationId, generationStatus: "cancelled" });
    const late = await bob.createGeneration(newWish("a bird"));
    await bob.createGeneration(newWish("a fish")); // of which nobody ever hears again
    await at(20);
    await runScheduled("expire_generations");
    await at(21);
    await runScheduled("daily_statistics");
    await succeed(bob, late);
    await operator.api("POST", `generations/${made.generationId}/refund`, { note: "it was black" });
    for await (const [step, found] of statistics(operator, iso(new Date(startsAt).getTime() + 25 * 60_000), 1)) {
      facts[step] = found;
    }
    return facts;
  },

  /** A user who goes away with a generation open, and what the schedules do about it. */
  async goneAway(startsAt) {
    const app = new App();
    await travelTo(startsAt);
    await app.signUp("gone@example.com");
    const day = [];
    const stop = app.watchDay("2027-03-15", (exists) => day.push(exists), (error) => day.push(error.code));
    await atLeast(1, day); // see Page.isOpen in community.mjs
    await succeed(app, await app.createGeneration(newWish("a lighthouse")));
    await travelTo("2027-03-15T09:01:00Z");
    await app.createGeneration(newWish("a castle"));
    const left = await app.myUser();
    await travelTo("2027-03-15T09:30:00Z");
    await runScheduled("expire_generations");
    const swept = await app.myUser();
    const statuses = (await app.myGenerations()).map((each) => each.generationStatus);
    await travelTo("2027-04-01T00:00:00Z");
    await runScheduled("reset_periods");
    const reset = await app.myUser();
    await atLeast(2, day);
    stop();
    return { left, swept, statuses, reset, day };
  },

  /** What the SDK reads and sends: maps of JSON-LD, calls without argument, numbers, a locale of Apple's. */
  async ownData(startsAt) {
    const app = new App();
    await travelTo(startsAt);
    await app.signUp("linked@example.com");
    const linked = { "@type": "https://schema.org/ImageObject", parts: [{ "@type": "Person", name: "Ada" }] };
    const opened = await app.createGeneration({
      ...newWish("a lighthouse"), count: 4, parameters: linked, metadata: { about: linked },
    });
    const { generationId } = opened;
    const outputs = [1, 2, 3].map((n) => ({ url: `https://images.example.com/${n}.png` }));
    const report = { generationId, generationStatus: "success", outputs, outputCount: 3 };
    const { credits, charged } = await app.updateGeneration(report);
    const locale = "ar_SA@calendar=gregorian;numbers=latn";
    const { preferences } = await app.updateProfile({ preferences: { locale } });
    const exported = await app.exportMyData({});
    const record = exported.documents.find(({ path }) => path === `userGenerations/${generationId}`).data;
    const { usage } = await app.myUser();
    const { canGenerate } = await app.withoutArgument("check_limit");
    const { lifetimeTotal, outputTotal } = await app.withoutArgument("get_usage");
    const unchanged = await app.withoutArgument("update_profile");
    const again = await app.withoutArgument("export_my_data");
    const { finished } = await app.withoutArgument("delete_my_data");
    return {
      credits, charged, preferences, canGenerate, lifetimeTotal, outputTotal, finished,
      used: usage.windows.find(({ window }) => window === "period").used,
      parameters: record.parameters,
      metadata: record.metadata,
      isUnchanged: unchanged.preferences.locale === preferences.locale,
      isTheSame: JSON.stringify(again.documents) === JSON.stringify(exported.documents),
    };
  },

  /** Two users, and one who did not sign in. */
  async outsiders(startsAt) {
    const [ada, eve, nobody] = [new App(), new App(), new App()];
    await travelTo(startsAt);
    await ada.signUp("ada@example.com");
    await eve.signUp("eve@example.com");
    const { generationId } = await ada.createGeneration(newWish("a lighthouse"));
    const reported = await refusal(succeed(eve, { generationId }));
    const asked = await refusal(eve.checkLimit({ userId: ada.uid }));
    const signedOut = await refusal(nobody.checkLimit());
    const readsUser = await eve.tryToRead(`users/${ada.uid}`);
    const readsGeneration = await eve.tryToRead(`userGenerations/${generationId}`);
    const readsDay = await eve.tryToRead(`usageDaily/${ada.uid}_2027-03-15`);
    const ownRemaining = (await eve.checkLimit()).remaining;
    return { reported, asked, signedOut, readsUser, readsGeneration, readsDay, ownRemaining };
  },
};

/** Wait until a list that a listener fills has so many items; go on without, after ten seconds. */
async function atLeast(length, list) {
  for (let tries = 0; list.length < length && tries < 100; tries += 1) await new Promise((goOn) => setTimeout(goOn, 100));
}

async function refusal(call) {
  try {
    return { answer: await call };
  } catch ({ code, message, reason }) {
    return { code, message, reason };
  }
}

const [scenario, startsAt] = process.argv.slice(2);
const facts = await SCENARIOS[scenario](startsAt);
process.stdout.write(JSON.stringify(facts), () => process.exit(0)); // the SDK keeps connections open
