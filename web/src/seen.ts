// A page that nobody sees costs nothing.

export type Stop = () => void;

/** Run something while the page is seen; it begins anew when the reader comes back. */
export function whileSeen(start: () => Stop): Stop {
  let stop: Stop | undefined;
  const follow = () => {
    if (document.hidden) {
      stop?.();
      stop = undefined;
    } else {
      stop ??= start();
    }
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    document.removeEventListener("visibilitychange", follow);
    stop?.();
    stop = undefined;
  };
}

/** For an effect: start what takes a moment to start, and stop it even if it has not started yet. */
export function started(starting: Promise<Stop>): Stop {
  let isOver = false;
  let stop: Stop | undefined;
  starting.then(
    (it) => (isOver ? it() : (stop = it)),
    (error: unknown) => console.error(error),
  );
  return () => {
    isOver = true;
    stop?.();
  };
}

/** Do something now, or once the reader is back. */
export function onceSeen(act: () => void): void {
  if (!document.hidden) act();
  else document.addEventListener("visibilitychange", () => onceSeen(act), { once: true });
}
