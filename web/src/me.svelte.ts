// What the reader's own document says, watched by one listener for the whole tab.

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

export const me = $state<Profile & { isKnown: boolean; version: number }>({
  ...NOBODY,
  isKnown: false,
  version: 0,
});

export function isAdmin(): boolean {
  return me.role === "admin";
}

/** The time zone that the reader's days and periods go by, as far as it is known. */
export function zone(): string {
  return me.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function watchMe(uid: string): Stop {
  const starting = import("./firestore").then(({ watchDocument }) =>
    watchDocument(`users/${uid}`, (data) => {
      const told = data ?? {};
      for (const name of Object.keys(NOBODY) as (keyof Profile)[]) {
        const value = name === "planId" ? told.usage?.planId : told[name];
        Object.assign(me, { [name]: value ?? NOBODY[name] });
      }
      me.isKnown = true;
      me.version += 1;
    }),
  );
  const stop = started(starting);
  return () => {
    stop();
    Object.assign(me, { ...NOBODY, isKnown: false });
  };
}
