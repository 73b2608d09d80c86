#!/usr/bin/env bash
# A client that openapi-python-client makes of OpenAPI 3.1.
# openapi-python-client 0.29.1.
#
# A schema that it does not know (here a map of itself) is left out with a warning, exit code 0. Operations that
# answer with it stay, and give None for every 200. "items": false, which closes a tuple in JSON Schema 2020-12
# and so in 3.1, makes the whole document invalid for it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 >install.log 2>&1

cat >document.py <<'PY'
import json, sys
schemas = {
    "tree": {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/tree"}}]},
    "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
}
name = sys.argv[1]
answer = {"description": "ok", "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
print(json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
                  "paths": {"/it": {"get": {"operationId": "getIt", "responses": {"200": answer}}}},
                  "components": {"schemas": {name: schemas[name]}}}))
PY
cat >ask.py <<'PY'
import httpx
from tree_client import Client
from tree_client.api.default import get_it
http = httpx.Client(base_url="http://made.up", transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"a": "b"})))
answer = get_it.sync_detailed(client=Client("http://made.up").set_httpx_client(http))
print(f"  a 200 with {answer.content.decode()} is {answer.parsed}")
PY
for name in tree pair; do
  venv/bin/python document.py "$name" >"$name.json"
  code=0
  venv/bin/openapi-python-client generate --path "$name.json" --output-path "${name}_client" --meta none >"$name.log" 2>&1 || code=$?
  echo "$name: exit code $code, client made: $([ -d "${name}_client" ] && echo yes || echo no)"
done | tee seen
venv/bin/python ask.py | tee -a seen
diff - seen <<'SEEN'
tree: exit code 0, client made: yes
pair: exit code 1, client made: no
  a 200 with {"a":"b"} is None
SEEN
