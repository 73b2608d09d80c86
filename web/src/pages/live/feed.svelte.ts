// The live feed as it is read: it can be held, and it calms down when more comes than anybody reads.

import type { Row } from "../../firestore";

const MEASURED = 30_000; // ms over which the pace is taken
const CALM_ABOVE = 2; // new entries a second
const LIVE_BELOW = 1;

export class Feed {
  shown = $state.raw<Row[]>();
  /** Entries that have come since it was held. */
  waiting = $state(0);
  isCurrent = $state(false);
  isCalm = $state(false);
  /** New entries a second, while it is calm. */
  pace = $state(0);
  #latest: Row[] = [];
  #isHeld = false;
  #known = new Set<string>();
  #arrivals: number[] = [];

  take = (rows: Row[], isCurrent: boolean): void => {
    this.isCurrent = isCurrent;
    this.#measure(rows, Date.now());
    this.#latest = rows.filter(({ deleteAt }) => !deleteAt || deleteAt.toMillis() > Date.now());
    this.#show();
  };

  /** Nothing moves while it is held. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#show();
  }

  #show(): void {
    if (!this.#isHeld || !this.shown) {
      this.shown = this.#latest;
      this.waiting = 0;
      return;
    }
    const seen = new Set(this.shown.map((row) => row.id));
    const now = new Map(this.#latest.map((row) => [row.id, row]));
    // The shown ones change in place. None comes above or between them; older ones may come below.
    const last = this.shown.at(-1);
    const older = last && now.has(last.id) ? after(this.#latest, last.id) : [];
    this.shown = [...this.shown.map((row) => now.get(row.id) ?? row), ...older];
    this.waiting = this.#latest.filter((row) => !seen.has(row.id)).length - older.length;
  }

  #measure(rows: Row[], now: number): void {
    const isFirst = this.#known.size === 0;
    const fresh = rows.filter((row) => !this.#known.has(row.id));
    this.#known = new Set(rows.map((row) => row.id));
    if (!isFirst) this.#arrivals.push(...fresh.map(() => now));
    this.#arrivals = this.#arrivals.filter((at) => at > now - MEASURED);
    const pace = this.#arrivals.length / (MEASURED / 1000);
    this.isCalm = this.isCalm ? pace >= LIVE_BELOW : pace > CALM_ABOVE;
    this.pace = Math.round(Math.max(pace, paceOf(rows)));
  }
}

const after = (rows: Row[], id: string): Row[] =>
  rows.slice(rows.findIndex((row) => row.id === id) + 1);

/** How fast entries came to be. Asked for rarely, far more come than are seen: their times tell. */
function paceOf(rows: Row[]): number {
  const at = (row?: Row): number => (row?.timestamp ?? row?.createdAt)?.toMillis() ?? 0;
  const seconds = (at(rows[0]) - at(rows.at(-1))) / 1000;
  return rows.length > 1 ? (rows.length - 1) / Math.max(seconds, 1) : 0;
}
