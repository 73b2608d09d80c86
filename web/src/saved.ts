// What this browser keeps of the last visit, for when the server cannot be reached; until the reader signs out.

const PREFIX = "saved-";

export function keep(name: string, data: unknown): void {
  localStorage.setItem(PREFIX + name, JSON.stringify({ data, at: Date.now() }));
}

export function kept<T>(name: string): { data: T; at: number } | undefined {
  const text = localStorage.getItem(PREFIX + name);
  return text ? JSON.parse(text) : undefined;
}

export function forgetSaved(): void {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  }
}

/** Who is signed in, as the next visit finds it. */
export interface LastSession {
  uid: string;
  email: string;
  token: string;
  endsAt: number;
}

const SESSION = "session";
const MARGIN = 60_000; // a call may take a while to arrive

export function keepSession(session: LastSession): void {
  keep(SESSION, session);
}

/** Whether somebody was signed in here when the page was left: then they are most likely still. */
export const wasIn = (): boolean => kept(SESSION) !== undefined;

/** Who was signed in when the page was left, while the token of then is valid. */
export function lastSession(): LastSession | undefined {
  const last = kept<LastSession>(SESSION)?.data;
  return last && last.endsAt > Date.now() + MARGIN ? last : undefined;
}
