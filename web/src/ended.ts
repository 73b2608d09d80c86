// Tells the reader that generations of theirs have ended: on the page, and by the browser if they wish.

import { readDocument } from "./firestore";
import { mayNotify, wishes } from "./notify.svelte";
import { pageTexts } from "./texts/pages";
import { site } from "./site.svelte";
import { say } from "./toast.svelte";

const MOST = 3; // more at once are one message, and are not read one by one
const labels = pageTexts.ended;

export async function tellEnded(ids: string[]): Promise<void> {
  if (ids.length > MOST) {
    show(labels.many(ids.length), "/history");
    return;
  }
  for (const id of ids) {
    // Of an account that was deleted it is gone, and then may not be read.
    const record = await readDocument(`userGenerations/${id}`).catch(() => undefined);
    if (!record || record.isDeleted) continue;
    const prompt: string = record.promptText || record.promptId || id;
    const text = labels.one(record.generationStatus, prompt);
    if (text) show(text, `/history?id=${encodeURIComponent(id)}`);
  }
}

function show(text: string, href: string): void {
  say(text, { href, text: labels.open });
  if (!(wishes.areOn && mayNotify() && document.hidden)) return;
  const notification = new Notification(site.brand, { body: text, tag: href });
  notification.onclick = () => {
    window.focus();
    notification.close();
  };
}
