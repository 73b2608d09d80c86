// A whole list as a file, page by page, whatever part of it is on the screen.

import { Refused } from "./api";
import { csv, save, type Cell } from "./csv";

/** Asks for a page of a list; without a cursor for the first. All pages are of the same filters. */
export type LoadPage<T> = (cursor?: string) => Promise<{ items: T[]; cursor: string | null }>;

export type Format = "csv" | "json";

export interface Exported<T> {
  /** Of the file, without its ending. */
  name: string;
  /** Of the CSV: names of fields; those of the first row, if it is left out. JSON has all fields. */
  columns?: readonly string[];
  load: LoadPage<T>;
  /** Which of the rows; all, if it is left out. */
  matches?: ((row: T) => boolean) | undefined;
}

export class Exporter<T extends object> {
  /** Rows so far. */
  count = $state(0);
  isRunning = $state(false);
  isStopped = $state(false);
  failure = $state.raw<Refused>();
  #run = 0;

  /** Load all pages and save them as one file; none if it is stopped or fails, for half a list looks whole. */
  async run({ name, columns, load, matches }: Exported<T>, format: Format): Promise<void> {
    const mine = ++this.#run;
    [this.count, this.isRunning, this.isStopped, this.failure] = [0, true, false, undefined];
    const rows: T[] = [];
    try {
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page: Awaited<ReturnType<LoadPage<T>>> = await load(cursor);
        if (mine !== this.#run) return;
        for (const row of page.items) if (!matches || matches(row)) rows.push(row);
        this.count = rows.length;
        cursor = page.cursor;
      }
      save(
        `${name}.${format}`,
        format === "csv" ? table(columns, rows) : JSON.stringify(rows, null, 2),
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (mine === this.#run) this.failure = error;
    } finally {
      if (mine === this.#run) this.isRunning = false;
    }
  }

  stop(): void {
    this.#run += 1;
    this.isStopped = this.isRunning;
    this.isRunning = false;
  }
}

function table<T extends object>(columns: readonly string[] | undefined, rows: T[]): string {
  const names = columns ?? Object.keys(rows[0] ?? {});
  const cells = rows.map((row) =>
    names.map((name) => cell((row as Record<string, unknown>)[name])),
  );
  return csv([...names], cells);
}

function cell(value: unknown): Cell {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : (value as Cell);
}

/** A page of rows that are all here already. */
export const loaded =
  <T>(rows: () => T[]): LoadPage<T> =>
  async () => ({ items: rows(), cursor: null });
