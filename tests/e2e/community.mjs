// What users see of each other: the live feed. Each step yields its name and its facts, as those of
// story.mjs do.

import { travelTo } from "./emulator.mjs";
import { newWish, succeed } from "./story.mjs";

/** `app` generates, `watcher` has the page of the feed open. */
export async function* community(app, watcher, startsAt) {
  await travelTo(startsAt);
  await app.updateProfile({ displayName: "Ada L." });
  const page = new Page(watcher, new Date(startsAt));
  await page.until(() => page.isOpen);

  const prompt = "a lighthouse in fog, for ada@example.com";
  const opened = await app.createGeneration({ ...newWish(prompt), engine: "flux-1" });
  const appeared = await page.until((entries) => entries.get(opened.generationId));
  await succeed(app, opened);
  const completed = await page.until((entries) => ended(entries.get(opened.generationId)));
  yield ["feedShows", {
    name: appeared.userName, prompt: appeared.prompt, engine: appeared.engine,
    statuses: [appeared.status, completed.status],
    preview: [appeared.previewUrl ?? null, completed.previewUrl],
    fields: Object.keys(completed).sort(),
  }];

  const underWay = await app.createGeneration(newWish("a castle on a hill"));
  await page.until((entries) => entries.get(underWay.generationId));
  await app.updateProfile({ preferences: { hideFromFeed: true } });
  const own = ({ userId }) => userId === app.uid;
  const left = await page.until((entries) => ![...entries.values()].some(own) && { isEmpty: true });
  const { charged } = await succeed(app, underWay); // its report comes after its user has left
  const { items, mode } = await watcher.api("GET", "live-generations");
  yield ["feedLeft", { ...left, charged, stillEmpty: !items.some(own), mode }];

  page.close();
  await app.updateProfile({ preferences: { hideFromFeed: false } });
  await travelTo(null);
}

/** The page of the feed, open on a phone. */
class Page {
  /**
   * Whether the listener has had its first answer. To what is written before that, the Firestore emulator (1.19.9)
   * now and then answers with a stream that the SDK cannot read; the SDK begins anew, a minute later.
   */
  isOpen = false;
  #entries = new Map();
  #waiting = () => {};

  constructor(watcher, now) {
    this.close = watcher.watchFeed((entries) => {
      const shown = entries.filter(({ deleteAt }) => deleteAt.toDate() > now); // others are removed within a day
      this.#entries = new Map(shown.map((each) => [each.id, each]));
      this.isOpen = true;
      this.#waiting();
    });
  }

  /** Wait until what is seen is as wished, and return what `wished` returns then. */
  async until(wished) {
    const deadline = Date.now() + 60_000;
    for (let found; ; ) {
      if ((found = wished(this.#entries))) return found;
      if (Date.now() > deadline) throw new Error(`the feed stays ${JSON.stringify([...this.#entries.values()])}`);
      await new Promise((goOn) => {
        this.#waiting = goOn;
        setTimeout(goOn, 1000);
      });
    }
  }
}

function ended(entry) {
  return entry && entry.status !== "processing" && entry;
}
