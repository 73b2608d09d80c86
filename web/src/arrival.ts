// What a sign-in service hands over behind the `#`. It leaves the address before the page is there, so that nobody
// copies, bookmarks or reports an address with a token in it.

const isHere = location.pathname === "/sign-in" && location.hash.length > 1;

let arrival = isHere ? new URLSearchParams(location.hash.slice(1)) : undefined;

if (isHere) history.replaceState(null, "", location.pathname);

/** It counts once: who signs out on the same page is not signed in by it again. */
export function takeArrival(): URLSearchParams | undefined {
  const taken = arrival;
  arrival = undefined;
  return taken;
}
