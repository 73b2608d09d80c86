// One thing that is loaded, and how that goes.

import { onDestroy } from "svelte";
import { Refused } from "./api";
import { keep, kept } from "./saved";
import { onceSeen } from "./seen";

const SKELETON_AFTER = 200; // sooner it would only flicker
const SLOW_AFTER = 5000;
const RETRY_AFTER = [2000, 4000, 8000]; // a server that is still down then will not hurry

export class Loader<T> {
  data = $state.raw<T>();
  failure = $state.raw<Refused>();
  pace = $state<"" | "waiting" | "slow">("");
  at = $state.raw<Date>();
  isLoading = $state(false);
  #latest = 0;
  #ask: () => Promise<T>;
  #name: string;

  /**
   * To be made while a component is set up: it ends with the component. What is asked for must change nothing, for it
   * is asked again when the server is away for a moment.
   * `name`: what it is saved as in this browser, to be shown when the server cannot be reached.
   */
  constructor(ask: () => Promise<T>, name = "") {
    this.#ask = ask;
    this.#name = name;
    onDestroy(() => (this.#latest += 1));
  }

  /** Load, or load again; what was there stays until the new is. */
  reload = (): Promise<void> => this.#load(RETRY_AFTER);

  async #load([retry, ...retries]: number[]): Promise<void> {
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
      if (this.#name) keep(this.#name, data);
    } catch (error) {
      if (mine !== this.#latest) return;
      this.failure = error instanceof Refused ? error : new Refused("internal");
      if (!(error instanceof Refused)) console.error(error);
      if (this.#name && this.data === undefined && this.failure.reason === "unreachable") {
        const saved = kept<T>(this.#name);
        if (saved) [this.data, this.at] = [saved.data, new Date(saved.at)];
      }
      if (this.failure.isPassing && retry) {
        const again = () => mine === this.#latest && this.#load(retries);
        setTimeout(() => onceSeen(again), retry);
      }
    } finally {
      timers.forEach(clearTimeout);
      if (mine === this.#latest) {
        this.pace = "";
        this.isLoading = false;
      }
    }
  }

  /** Something else is asked for: what was there does not answer it. */
  forget(): void {
    this.#latest += 1; // what is on its way answers something else, too
    this.isLoading = false;
    this.pace = "";
    this.data = undefined;
    this.failure = undefined;
  }
}
