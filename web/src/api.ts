// The HTTP API and the callable functions, with the reader's token.

import type { Client } from "openapi-fetch";
import { takeAnswer } from "./ahead";
import type { components, paths } from "./api-types";
import { endSession, idToken } from "./session.svelte";

export type Schemas = components["schemas"];

interface Options {
  params?: { path?: Record<string, string>; query?: Record<string, unknown> };
  body?: unknown;
}

/** Of openapi-fetch only the types are used: its code would be a twenty-fifth of the first screen. */
type Api = Pick<Client<paths>, "GET" | "POST" | "PUT" | "DELETE">;

const requester =
  (method: string) =>
  async (path: string, options: Options = {}) => {
    const { params: { path: parts, query } = {}, body } = options;
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parts?.[name] ?? ""));
    const asked = Object.entries(query ?? {}).filter(([, value]) => value != null);
    const search = new URLSearchParams(asked as [string, string][]);
    const response = await request(method, search.size ? `${filled}?${search}` : filled, body);
    const content = response.status === 204 ? undefined : await response.json().catch(() => ({}));
    return response.ok ? { data: content, response } : { error: content, response };
  };

export const api = Object.fromEntries(
  ["GET", "POST", "PUT", "DELETE"].map((method) => [method, requester(method)]),
) as unknown as Api;

async function request(method: string, address: string, body?: unknown): Promise<Response> {
  const ahead = takeAnswer(method, address);
  if (ahead) return ahead;
  const token = await idToken();
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  if (body !== undefined) headers["content-type"] = "application/json";
  return fetch(address, { method, headers, body: JSON.stringify(body) });
}

interface ErrorObject {
  message: string;
  details?: { reason: string; requestId?: string; fields?: { path: string; message: string }[] };
}

/** What the server did not do, or that it could not be asked. */
export class Refused extends Error {
  reason: string;
  requestId: string;
  fields: { path: string; message: string }[];
  /** Whether the same question may be answered a little later. */
  isPassing: boolean;

  constructor(reason: string, error?: ErrorObject, status = 0) {
    super(error?.message ?? "");
    this.reason = reason;
    this.isPassing = reason === "unreachable" || status >= 500;
    this.requestId = error?.details?.requestId ?? "";
    this.fields = error?.details?.fields ?? [];
  }
}

/** Wait for an answer of `api`: the data, or Refused. */
export async function answered<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch(unreachable);
  if (error !== undefined) throw await refused(error, response.status);
  return data as T;
}

/** Call a callable function; Hosting hands it on, wherever it runs. */
export async function call<T>(name: string, request: object): Promise<T> {
  const answer = await send<{ result: T }>("POST", `/functions/${name}`, { data: request });
  return answer.result;
}

/** Send what only the reader's choice decides: which address, and what about it. */
export async function send<T>(method: string, address: string, body: object): Promise<T> {
  const response = await request(method, address, body).catch(unreachable);
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw await refused(content, response.status);
  return content;
}

function unreachable(): never {
  throw new Refused("unreachable");
}

async function refused(body: unknown, status: number): Promise<Refused> {
  const error = (body as { error?: ErrorObject })?.error;
  const reason = error?.details?.reason ?? "internal";
  if (reason === "not-signed-in") await endSession();
  return new Refused(reason, error, status);
}
