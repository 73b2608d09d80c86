#!/usr/bin/env bash
# Types that openapi-typescript makes of OpenAPI 3.1, where they are not what the schema says.
# openapi-typescript 7.13.0, typescript 5.9.3.
#
#   openTuple   prefixItems and then items of another type: more than the first ones are refused
#   noNull      an enum without null, of type integer or null: null is allowed
#   onlyNull    const null: anything is allowed
#   needsKey    an object with a required key and no properties: every key is refused
#   hasDefault  a property with a default is there always, also in what is sent
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund openapi-typescript@7.13.0 typescript@5.9.3 >install.log 2>&1

cat >api.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {
  "Thing": {"type": "object", "properties": {
    "openTuple": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
    "noNull": {"type": ["integer", "null"], "enum": [1, 2]},
    "onlyNull": {"const": null},
    "needsKey": {"type": "object", "required": ["key"]},
    "hasDefault": {"type": "integer", "default": 3}}}}}}
JSON
npx --no-install openapi-typescript api.json --output api.d.ts >>install.log 2>&1
sed -n '/^    schemas: {/,/^    };/p' api.d.ts | grep -v '\*' | tee seen
diff - seen <<'SEEN'
    schemas: {
        Thing: {
            openTuple?: [
                string
            ];
            noNull?: 1 | 2 | null;
            onlyNull?: unknown;
            needsKey?: Record<string, never>;
            hasDefault: number;
        };
    };
SEEN
