// One thing that is loaded, and how that goes.

import { Refused } from "./api";

const SKELETON_AFTER = 200; // sooner it would only flicker
const SLOW_AFTER = 5000;

export class Loader<T> {
  data = $state.raw<T>();
  failure = $state.raw<Refused>();
  pace = $state<"" | "waiting" | "slow">("");
  at = $state.raw<Date>();
  isLoading = $state(false);
  #latest = 0;
  #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Load, or load again; what was there stays until the new is. */
  reload = async (): Promise<void> => {
    const mine = ++this.#latest;
    this.isLoading = true;
    const later = (pace: "waiting" | "slow", after: number) =>
      setTimeout(() => mine === this.#latest && (this.pace = pace), after);
    const timers = [later("waiting", SKELETON_AFTER), later("slow", SLOW_AFTER)];
    try {
      const data = await this.#ask();
      if (mine !== this.#latest) return;
      this.data = data;
      this.failure = undefined;
      this.at = new Date();
    } catch (error) {
      if (mine !== this.#latest) return;
      this.failure = error instanceof Refused ? error : new Refused("internal");
      if (!(error instanceof Refused)) console.error(error);
    } finally {
      timers.forEach(clearTimeout);
      if (mine === this.#latest) {
        this.pace = "";
        this.isLoading = false;
      }
    }
  };

  /** Something else is asked for: what was there does not answer it. */
  forget(): void {
    this.data = undefined;
    this.failure = undefined;
  }
}
