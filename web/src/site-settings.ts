// Reads web/public/settings.json. No first screen needs it, so its code comes after them.

import { DEFAULTS, site, type Site } from "./site.svelte";

const GOOGLE = "https://accounts.google.com/o/oauth2/v2/auth";

/** Load the settings; without them, or with wrong ones, the defaults hold. */
export async function loadSite(): Promise<void> {
  try {
    Object.assign(site, checked(await loaded()));
  } catch (error) {
    console.error("settings.json:", String(error));
    Object.assign(site, DEFAULTS);
  }
}

async function loaded(): Promise<Partial<Site>> {
  const answer = await fetch("/settings.json", { priority: "low" }).catch(() => undefined);
  // Hosting answers with the page itself if there is no such file.
  const isThere = answer?.ok && answer.headers.get("content-type")?.includes("json");
  return isThere ? answer.json() : {};
}

function checked({ brand, app, providers }: Partial<Site>): Site {
  return {
    brand: brand === undefined ? DEFAULTS.brand : text(brand, "brand"),
    app: app ? { name: text(app.name, "app.name"), url: link(app.url, "app.url") } : null,
    providers: (providers ?? []).map(({ id, name, authorize, clientIds }, index) => {
      const at = `providers[${index}]`;
      const isGoogle = id === "google.com";
      const isKnown = isGoogle || /^oidc\../.test(text(id, `${at}.id`));
      const isFirst = providers?.findIndex((each) => each.id === id) === index;
      if (!isKnown || !isFirst) throw wrong(`${at}.id`);
      return {
        id,
        name: text(name, `${at}.name`),
        authorize: link(authorize ?? (isGoogle && GOOGLE), `${at}.authorize`),
        clientIds: Object(clientIds),
      };
    }),
  };
}

const wrong = (where: string) => new SyntaxError(`${where} is not what it should be`);

function text(value: unknown, where: string): string {
  if (typeof value !== "string" || !value) throw wrong(where);
  return value;
}

function link(value: unknown, where: string): string {
  if (!/^https?:\/\//.test(text(value, where))) throw wrong(where);
  return value as string;
}
