// Tables as files.

export type Cell = string | number | boolean | null | undefined;

/** Where a spreadsheet would see the start of a formula; some of them separate cells by semicolons. */
const FORMULA_START = /(^|;)(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/g;

/** An apostrophe makes a text of what would be a formula. */
function cell(value: Cell): string {
  const text = String(value ?? "");
  const safe = typeof value === "string" ? text.replace(FORMULA_START, "$1'") : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(columns: string[], rows: Cell[][]): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

export function save(name: string, text: string): void {
  const type = name.endsWith(".csv") ? "text/csv" : "application/json";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
