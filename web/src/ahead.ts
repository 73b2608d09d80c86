// The first page's first call, on its way before the rest of the code is even evaluated.

import { lastSession } from "./saved";

const MOST = 300;
const last = lastSession();
const isFirst = location.pathname === "/usage" || location.pathname === "/";
const address = `/api/usage-tracking/comprehensive/${encodeURIComponent(last?.uid ?? "")}`;
const headers = { authorization: `Bearer ${last?.token}` };

let answer = last && isFirst ? fetch(address, { headers }) : undefined;

/** What may come after the first numbers waits for this: until they are there, but not for a slow server. */
export const settled: Promise<unknown> = Promise.race([
  Promise.allSettled([answer]),
  new Promise((done) => setTimeout(done, MOST)),
]);

/** The answer to a call that is already on its way, once. */
export function takeAnswer(method: string, wanted: string): Promise<Response> | undefined {
  if (method !== "GET" || wanted !== address) return;
  const taken = answer;
  answer = undefined;
  return taken;
}
