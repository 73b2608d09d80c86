// The API's own description of what is sent to it, for forms that are made from it.

import { Refused } from "../../api";

export interface Schema {
  type?: string;
  enum?: string[];
  anyOf?: Schema[];
  $ref?: string;
  properties?: Record<string, Schema>;
  propertyNames?: { enum?: string[] };
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  required?: string[];
}

export type Json = string | number | boolean | Json[] | { [name: string]: Json };

let described: Promise<Record<string, Schema>> | undefined;

async function load(): Promise<Record<string, Schema>> {
  const answer = await fetch("/api/openapi.json").catch(() => undefined);
  if (!answer?.ok) throw new Refused("unreachable");
  return (await answer.json()).components.schemas;
}

/** A schema by its name, with everything that it refers to in place, and null left out: a field may be empty. */
export async function schemaOf(name: string): Promise<Schema> {
  described ??= load();
  const all = await described.catch((error: unknown) => {
    described = undefined;
    throw error;
  });
  return resolved(all[name] ?? {}, all);
}

function resolved(schema: Schema, all: Record<string, Schema>): Schema {
  if (schema.$ref) return resolved(all[schema.$ref.split("/").at(-1) ?? ""] ?? {}, all);
  if (schema.anyOf) {
    const rest = schema.anyOf.filter(({ type }) => type !== "null");
    return resolved(rest[0] ?? {}, all);
  }
  const { properties, items, additionalProperties: more } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, resolved(each, all)]),
      ),
    }),
    ...(items && { items: resolved(items, all) }),
    ...(more && typeof more === "object" && { additionalProperties: resolved(more, all) }),
  };
}

/** The fields of a map that has a name for each. */
export function fieldsOf(schema: Schema): Record<string, Schema> | undefined {
  const more = schema.additionalProperties;
  const names = schema.propertyNames?.enum;
  if (names && typeof more === "object") return Object.fromEntries(names.map((it) => [it, more]));
  return schema.properties;
}

/** A map with one value changed, or taken away if it is undefined; undefined if nothing is left. */
export function changed(map: Json | undefined, name: string, value?: Json): Json | undefined {
  const { [name]: _, ...rest } = (map ?? {}) as Record<string, Json>;
  const next = value === undefined ? rest : { ...(map as Record<string, Json>), [name]: value };
  return Object.keys(next).length ? next : undefined;
}
