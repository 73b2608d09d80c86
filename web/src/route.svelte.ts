// Where the reader is. The address bar alone remembers it: page, range, filters, open record.

export const route = $state({ path: "/", query: new URLSearchParams() });

function read(): void {
  route.path = location.pathname;
  route.query = new URLSearchParams(location.search);
}

export function go(address: string, how: "push" | "replace" = "push"): void {
  history[`${how}State`](null, "", address);
  read();
}

/** Change what stands behind the question mark; an empty value takes a name away. */
export function ask(changes: Record<string, string>, how: "push" | "replace" = "push"): void {
  go(route.path + search({ ...Object.fromEntries(route.query), ...changes }), how);
}

export function search(query: Record<string, string>): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  return given.size ? `?${given}` : "";
}

/** Follow links within the site without loading it anew. */
function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("a");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey);
  if (!link || !isPlain || link.origin !== location.origin) return;
  if (link.hash || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

read();
addEventListener("popstate", read);
document.addEventListener("click", follow);
