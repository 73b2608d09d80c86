// What the reader's own document says, watched by one listener for the whole tab.

import { chooseLocale } from "./locale.svelte";
import { started, type Stop } from "./seen";

interface Profile {
  role: string;
  displayName: string;
  photoURL: string;
  timezone: string;
  planId: string;
  disabled: boolean;
  isDeleted: boolean;
  preferences: { hideFromFeed?: boolean; locale?: string };
}

const NOBODY: Profile = {
  role: "user",
  displayName: "",
  photoURL: "",
  timezone: "",
  planId: "",
  disabled: false,
  isDeleted: false,
  preferences: {},
};

export const me = $state<Profile & { isKnown: boolean; version: number; ended: number }>({
  ...NOBODY,
  isKnown: false,
  version: 0,
  /** How many of the reader's generations have ended since the page was opened. */
  ended: 0,
});

export function isAdmin(): boolean {
  return me.role === "admin";
}

/** The time zone that the reader's days and periods go by, as far as it is known. */
export function zone(): string {
  return me.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

let watched = "";

/** Generations that are open, by id; what is gone from here has ended. */
let open: Set<string> | undefined;

function follow(now: string[]): void {
  const ended = [...(open ?? [])].filter((id) => !now.includes(id));
  open = new Set(now);
  if (ended.length === 0) return;
  me.ended += ended.length;
  import("./ended").then(({ tellEnded }) => tellEnded(ended)).catch(console.error);
}

/** `isAlways`: also while nobody sees the page, for who wants to be told even then. */
export function watchMe(uid: string, isAlways: boolean): Stop {
  if (uid !== watched) {
    open = undefined;
    Object.assign(me, { ...NOBODY, isKnown: false });
  }
  watched = uid;
  const starting = import("./firestore").then(({ watchDocument }) =>
    watchDocument(`users/${uid}`, isAlways, (data) => {
      const fields = data ?? {};
      for (const name of Object.keys(NOBODY) as (keyof Profile)[]) {
        const value = name === "planId" ? fields.usage?.planId : fields[name];
        Object.assign(me, { [name]: value ?? NOBODY[name] });
      }
      chooseLocale(me.preferences.locale);
      follow(Object.keys(fields.quota?.holds ?? {}));
      me.isKnown = true;
      me.version += 1;
    }),
  );
  return started(starting);
}
