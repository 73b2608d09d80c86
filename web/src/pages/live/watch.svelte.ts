// A list that is watched as it grows: it can be paused, holds still under a pointer, and stops when nobody is there.

import { untrack } from "svelte";
import type { Newest } from "../../firestore";
import { started } from "../../seen";
import { Feed } from "./feed.svelte";

const CALM_EVERY = 15_000;
const STOP_AFTER = 600_000; // without a sign of the reader

/** To be made while a component is set up: it ends with the component. */
export class Watch {
  feed = $state.raw(new Feed());
  isPaused = $state(false);
  isPointed = $state(false);
  isAsleep = $state(false);
  isBroken = $state(false);
  now = $state.raw(new Date());
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `what` is looked at again whenever something changes that it reads. */
  constructor(what: () => Newest) {
    let wanted = $derived(JSON.stringify(what()));
    // More of the same is not another list: what is shown stays until it is there.
    let list = $derived(JSON.stringify({ ...what(), most: 0 }));
    $effect(() => {
      list;
      this.feed = new Feed();
    });
    $effect(() => {
      if (this.isAsleep || this.isBroken) return;
      const { take, isCalm } = this.feed;
      const newest = JSON.parse(wanted) as Newest;
      const failed = () => (this.isBroken = true);
      const starting = import("../../firestore").then(({ watchNewest, askForNewest }) =>
        isCalm ? askForNewest(newest, CALM_EVERY, take, failed) : watchNewest(newest, take, failed),
      );
      return started(starting);
    });
    $effect(() => {
      const isHeld = this.isPaused || this.isPointed;
      const { feed } = this;
      untrack(() => feed.hold(isHeld)); // it reads what it changes
    });
    $effect(() => {
      const timer = setInterval(() => (this.now = new Date()), 5000);
      return () => clearInterval(timer);
    });
    this.sign();
    $effect(() => () => clearTimeout(this.#timer));
  }

  get state(): "live" | "calm" | "held" | "paused" | "connecting" {
    if (this.isPaused || this.isAsleep) return "paused";
    if (!this.feed.isCurrent) return "connecting";
    if (this.isPointed && this.feed.waiting) return "held";
    return this.feed.isCalm ? "calm" : "live";
  }

  get isEmpty(): boolean {
    return this.feed.shown?.length === 0 && this.feed.isCurrent;
  }

  /** The reader is there. */
  sign = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.isAsleep = true), STOP_AFTER);
  };
}
