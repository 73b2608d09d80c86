// What the owner of the site has written into web/public/settings.json.

/** A service that signs people in, by OpenID Connect. */
export interface Provider {
  /** As Firebase calls it: "google.com" or "oidc.…". */
  id: string;
  name: string;
  /** Its authorization endpoint. */
  authorize: string;
  /** The client id for each Firebase project. */
  clientIds: Record<string, string>;
}

export interface Site {
  brand: string;
  /** The app that sells the generations. */
  app: { name: string; url: string } | null;
  providers: Provider[];
}

export const DEFAULTS: Site = { brand: "Genquota", app: null, providers: [] };

/** The brand is empty until the settings are known, so that no other name is shown first. */
export const site = $state<Site>({ ...DEFAULTS, brand: "" });
