// Sign-in by another service: OpenID Connect with a redirect, so that none of its scripts or frames are needed.

import { OAuthProvider, signInWithCredential, type Auth } from "firebase/auth";
import { go, route } from "../../route.svelte";
import type { Provider } from "../../site.svelte";

const PENDING = "sign-in";

/** What is remembered in this tab while the reader is at the service. */
interface Pending {
  id: string;
  state: string;
  nonce: string;
  /** The address that the reader asked for. */
  back: string;
}

/** Why the answer of the service is not taken; the code is a key of the texts. */
export class NotTaken extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export async function leave({ id, authorize }: Provider, clientId: string): Promise<void> {
  const pending: Pending = {
    ...{ id, state: crypto.randomUUID(), nonce: crypto.randomUUID() },
    back: route.path + location.search,
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const address = new URL(authorize);
  const query = {
    ...{ response_type: "id_token", scope: "openid email profile", client_id: clientId },
    redirect_uri: `${location.origin}/sign-in`,
    ...{ state: pending.state, nonce: await hashed(pending.nonce) },
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  location.assign(address);
}

/** Sign in with what the service has answered, and go to the address that was asked for. */
export async function arrive(auth: Auth, answer: URLSearchParams): Promise<void> {
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING); // an answer counts once
  const pending: Pending | undefined = kept ? JSON.parse(kept) : undefined;
  // Before the sign-in: who is in leaves /sign-in for the first page.
  if (pending) go(pending.back, "replace");
  const error = answer.get("error");
  if (error) throw new NotTaken(error);
  if (!pending || answer.get("state") !== pending.state) throw new NotTaken("wrong-state");
  const idToken = answer.get("id_token") ?? "";
  if (nonceOf(idToken) !== (await hashed(pending.nonce))) throw new NotTaken("wrong-nonce");
  await signInWithCredential(auth, credential(pending, idToken));
}

/**
 * Firebase compares the token's nonce with the hash of ours for "oidc.…". Of tokens of Google it expects none with the
 * credential, whose nonce is therefore only compared here.
 */
function credential({ id, nonce }: Pending, idToken: string) {
  const provider = new OAuthProvider(id);
  return provider.credential(id === "google.com" ? { idToken } : { idToken, rawNonce: nonce });
}

async function hashed(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The nonce in a token, whose signature Firebase checks. */
function nonceOf(token: string): unknown {
  const part = token.split(".")[1] ?? "";
  try {
    return JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/"))).nonce;
  } catch {
    return undefined;
  }
}
