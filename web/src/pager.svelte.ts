// A list that comes in pages.

import { Loader } from "./loader.svelte";

interface ListPage<T> {
  items: T[];
  cursor: string | null;
}

export class Pager<T> {
  rows = $state.raw<T[]>([]);
  first: Loader<ListPage<T>>;
  more: Loader<ListPage<T>>;
  #cursor = $state<string | null>(null);

  constructor(ask: (cursor?: string) => Promise<ListPage<T>>) {
    const taking = async (cursor?: string) => {
      const page = await ask(cursor);
      this.rows = cursor ? [...this.rows, ...page.items] : page.items;
      this.#cursor = page.cursor;
      return page;
    };
    this.first = new Loader(() => taking());
    this.more = new Loader(() => taking(this.#cursor ?? undefined));
  }

  get isAll(): boolean {
    return this.#cursor === null;
  }

  /** Begin anew, with other filters. */
  restart(): void {
    this.rows = [];
    this.#cursor = null;
    this.first.forget();
    this.more.forget();
    this.first.reload();
  }

  /** The next page, if there is one and it is not on its way. */
  next(): void {
    if (this.#cursor !== null && !this.more.isLoading) this.more.reload();
  }
}
