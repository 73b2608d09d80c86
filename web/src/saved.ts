// What this browser keeps of the last visit, for when the server cannot be reached; until the reader signs out.

const PREFIX = "saved-";

export function keep(name: string, data: unknown): void {
  localStorage.setItem(PREFIX + name, JSON.stringify({ data, at: Date.now() }));
}

export function kept<T>(name: string): { data: T; at: number } | undefined {
  const text = localStorage.getItem(PREFIX + name);
  return text ? JSON.parse(text) : undefined;
}

export function forgetSaved(): void {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  }
}
