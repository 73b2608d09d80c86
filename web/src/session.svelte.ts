// Who is signed in.

import type { User } from "firebase/auth";
import { NoWebApp, project } from "./firebase";
import { forgetSaved, keepSession, lastSession } from "./saved";

type Status = "loading" | "in" | "out" | "no-web-app" | "unreachable";

export const session = $state({
  status: "loading" as Status,
  uid: "",
  email: "",
  /** Whether it was ended without the reader's doing: they are told so. */
  wasEnded: false,
});

let user: User | null = null;
let isLeaving = false;

/**
 * Open the session. Firebase Auth asks its server before it says who is signed in, so who was here a moment ago goes on
 * with the token of then, and Auth confirms it or ends it.
 */
export async function openSession(): Promise<void> {
  const last = lastSession();
  session.status = last ? "in" : "loading";
  session.uid = last?.uid ?? "";
  session.email = last?.email ?? "";
  try {
    const { auth } = await project();
    auth.onIdTokenChanged((now) => {
      session.wasEnded = !now && session.status === "in" && !isLeaving;
      if (!now) isLeaving = false;
      user = now;
      session.status = now ? "in" : "out";
      session.uid = now?.uid ?? "";
      session.email = now?.email ?? "";
      if (now) save(now);
      else forgetSaved();
    });
  } catch (error) {
    session.status = error instanceof NoWebApp ? "no-web-app" : "unreachable";
  }
}

async function save(now: User): Promise<void> {
  const { token, expirationTime } = await now.getIdTokenResult();
  if (user !== now) return; // signed out meanwhile
  keepSession({ uid: now.uid, email: now.email ?? "", token, endsAt: Date.parse(expirationTime) });
}

/** A token that is valid now; none if nobody is signed in. */
export async function idToken(): Promise<string | undefined> {
  return user ? user.getIdToken() : lastSession()?.token;
}

/** The reader has had enough. */
export async function signOut(): Promise<void> {
  isLeaving = true;
  await endSession();
}

/** What was refused with "not signed in": the session was ended elsewhere. */
export async function endSession(): Promise<void> {
  await (await project()).auth.signOut();
}
