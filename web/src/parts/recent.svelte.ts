// Numbers of the reader's own generations, kept recent while they are looked at.

import { me } from "../me.svelte";

const PAUSE = 30_000; // each time reads a document for every day

/** Reload when generations of the reader have ended. To be called while a component is set up. */
export function keepRecent(reload: () => void): void {
  let seen = me.ended;
  let at = Date.now();
  $effect(() => {
    const { ended } = me;
    if (ended === seen) return;
    const now = () => {
      seen = ended;
      at = Date.now();
      reload();
    };
    const timer = setTimeout(now, Math.max(0, at + PAUSE - Date.now()));
    return () => clearTimeout(timer);
  });
}
