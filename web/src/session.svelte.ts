// Who is signed in.

import type { User } from "firebase/auth";
import { NoWebApp, project } from "./firebase";
import { forgetSaved } from "./saved";

type Status = "loading" | "in" | "out" | "no-web-app" | "unreachable";

export const session = $state({
  status: "loading" as Status,
  uid: "",
  email: "",
  /** Whether it was ended without the reader's doing: they are told so. */
  wasEnded: false,
});

const WAS_IN = "was-in";

/** Whether somebody was signed in here when the page was left: then they are most likely still. */
export const wasIn = (): boolean => localStorage.getItem(WAS_IN) !== null;

let user: User | null = null;
let isLeaving = false;

export async function openSession(): Promise<void> {
  session.status = "loading";
  try {
    const { auth } = await project();
    auth.onIdTokenChanged((now) => {
      session.wasEnded = !now && user !== null && !isLeaving;
      isLeaving = false;
      user = now;
      session.status = now ? "in" : "out";
      if (now) localStorage.setItem(WAS_IN, "");
      else localStorage.removeItem(WAS_IN);
      if (!now) forgetSaved();
      session.uid = now?.uid ?? "";
      session.email = now?.email ?? "";
    });
  } catch (error) {
    session.status = error instanceof NoWebApp ? "no-web-app" : "unreachable";
  }
}

/** A token that is valid now; none if nobody is signed in. */
export async function idToken(): Promise<string | undefined> {
  return user?.getIdToken();
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
