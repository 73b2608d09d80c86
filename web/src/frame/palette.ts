// What the palette offers: pages, what can be done on the open page, and users.

import { answered, api } from "../api";
import { isAdmin } from "../me.svelte";
import { go } from "../route.svelte";
import { texts } from "../texts/common";
import { pageTexts } from "../texts/pages";

export interface Choice {
  id: string;
  text: string;
  kind: string;
  run: () => void;
}

const labels = pageTexts.palette;

/** Pages whose addresses name nothing: those one can simply go to. */
export async function pages(): Promise<Choice[]> {
  const place = (path: string, text: string, kind: string): Choice => ({
    ...{ id: path, text, kind },
    run: () => go(path),
  });
  const { usage, history, live, inbox, profile } = texts.nav;
  const own = Object.entries({ usage, history, live, inbox, profile }).map(([name, text]) =>
    place(`/${name}`, text, labels.page),
  );
  if (!isAdmin()) return own;
  const { texts: admin } = await import("../texts/admin");
  return [
    ...own,
    ...Object.entries(admin.pages).map(([path, text]) => place(path, text, labels.admin)),
  ];
}

/** What an operator can do on this page: what its menu of verbs has. */
export function verbs(): Choice[] {
  const menu = document.querySelector<HTMLSelectElement>("select[data-verbs]");
  if (!menu) return [];
  return [...menu.options]
    .filter(({ value }) => value)
    .map(({ value, text }) => ({
      ...{ id: `verb-${value}`, text, kind: labels.verb },
      run: () => {
        menu.value = value;
        menu.dispatchEvent(new Event("change", { bubbles: true }));
      },
    }));
}

/** Whether all words stand in the text. */
export function fits(text: string, words: string): boolean {
  const known = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => known.includes(word));
}

const user = (uid: string, text: string): Choice => ({
  ...{ id: `user-${uid}`, text, kind: labels.user },
  run: () => go(`/admin/users/${encodeURIComponent(uid)}`),
});

/** Users with that email; whoever it is, for what may be a user id. */
export async function users(typed: string): Promise<Choice[]> {
  if (!isAdmin() || typed.length < 3 || /\s/.test(typed)) return [];
  if (!typed.includes("@")) return [user(typed, labels.byId(typed))];
  const query = { email: typed, pageSize: 5 };
  const { items } = await answered(api.GET("/api/users", { params: { query } }));
  return items.map(({ userId, displayName, email }) =>
    user(userId, displayName ? `${displayName} (${email})` : (email ?? userId)),
  );
}
