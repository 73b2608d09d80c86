// Who stands behind a user id: one read for each user, however often they are shown.

import { SvelteMap } from "svelte/reactivity";

const names = new SvelteMap<string, string>();
const asked = new Set<string>();

/** The email, else the name of a user; their id until it is known, and if there is neither. */
export const nameOf = (uid: string): string => names.get(uid) || uid;

export async function ask(uid: string): Promise<void> {
  if (!uid || asked.has(uid)) return;
  asked.add(uid);
  try {
    const { readDocument } = await import("../firestore");
    const data = await readDocument(`users/${uid}`);
    names.set(uid, String(data?.email || data?.displayName || ""));
  } catch (error) {
    asked.delete(uid);
    console.warn(error); // the id is shown instead
  }
}
