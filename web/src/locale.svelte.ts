// How the reader writes numbers and dates: as their profile says, else as their browser does.

const NAME = "locale";

function known(name: string | null | undefined): string | undefined {
  try {
    return name ? Intl.getCanonicalLocales(name)[0] : undefined;
  } catch {
    return undefined; // the API keeps other text, too
  }
}

// Remembered, so that numbers do not change their form once the profile is there.
export const locale = $state({ chosen: known(localStorage.getItem(NAME)) });

export function chooseLocale(name: string | undefined): void {
  locale.chosen = known(name);
  if (locale.chosen) localStorage.setItem(NAME, locale.chosen);
  else localStorage.removeItem(NAME);
}
