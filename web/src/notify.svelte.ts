// Tells the reader that a generation of theirs has ended: on the page, and by the browser if they wish.

import type { DocumentData } from "firebase/firestore";
import { texts } from "./texts";
import { say } from "./toast.svelte";

const NAME = "notify";
const MOST = 3; // more at once are one message, and not read one by one

const isAllowed = () => "Notification" in globalThis && Notification.permission === "granted";

/** Whether the browser shall tell, too; it may do so only while it has the permission. */
export const wishes = $state({ areOn: localStorage.getItem(NAME) === "on" && isAllowed() });

/** Turn it on or off; the browser asks for the permission, which it only does after a click. */
export async function wish(isOn: boolean): Promise<boolean> {
  const isGranted = isOn && (await Notification.requestPermission()) === "granted";
  wishes.areOn = isGranted;
  localStorage.setItem(NAME, isGranted ? "on" : "off");
  return isGranted === isOn;
}

/** Say how generations ended; `read` gives what their records say. */
export async function tellEnded(
  ids: string[],
  read: (path: string) => Promise<DocumentData | undefined>,
): Promise<void> {
  if (ids.length > MOST) {
    show(texts.ended.many(ids.length), "/history");
    return;
  }
  for (const id of ids) {
    const record = await read(`userGenerations/${id}`);
    if (!record || record.isDeleted) continue;
    const prompt: string = record.promptText || record.promptId || id;
    const text = texts.ended.one(record.generationStatus, prompt);
    if (text) show(text, `/history?id=${encodeURIComponent(id)}`);
  }
}

function show(text: string, href: string): void {
  say(text, { href, text: texts.ended.open });
  if (wishes.areOn && isAllowed() && document.hidden) {
    const notification = new Notification(texts.product, { body: text, tag: href });
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
  }
}
