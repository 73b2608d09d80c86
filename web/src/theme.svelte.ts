// Dark, light, or as the reader's system says.

const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const NAME = "theme";
const remembered = localStorage.getItem(NAME) as Theme | null;

export const theme = $state({ chosen: remembered ?? "system" });

export function nextTheme(): void {
  theme.chosen = THEMES[(THEMES.indexOf(theme.chosen) + 1) % THEMES.length] ?? "system";
  localStorage.setItem(NAME, theme.chosen);
  show();
}

function show(): void {
  document.documentElement.style.colorScheme =
    theme.chosen === "system" ? "light dark" : theme.chosen;
}

show();
