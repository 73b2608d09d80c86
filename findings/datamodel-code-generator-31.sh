#!/usr/bin/env bash
# Models that datamodel-code-generator makes of OpenAPI 3.1, and invalid values that they take.
# datamodel-code-generator 0.89.0, pydantic 2.14.3.
#
# Of prefixItems only the types stay, not which stands where. An object that requires keys without describing them
# is any dict. uniqueItems is forgotten.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check datamodel-code-generator==0.89.0 pydantic==2.14.3 >install.log 2>&1

cat >api.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {
  "Thing": {"type": "object", "properties": {
    "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false, "minItems": 2},
    "needsKey": {"type": "object", "required": ["key"]},
    "different": {"type": "array", "items": {"type": "string"}, "uniqueItems": true}}}}}}
JSON
venv/bin/datamodel-codegen --input api.json --input-file-type openapi --formatters builtin \
  --output-model-type pydantic_v2.BaseModel --output models.py >>install.log 2>&1
cat >take.py <<'PY'
from models import Thing
from pydantic import ValidationError
for value in [{"pair": ["a", 1]}, {"pair": [1, "a"]}, {"pair": ["a", "b"]}, {"pair": ["a", 1, 2]}, {"needsKey": {}}, {"different": ["a", "a"]}]:
    try:
        Thing.model_validate(value)
        print(f"{value}: taken")
    except ValidationError:
        print(f"{value}: refused")
PY
{ sed -n '/^class Thing/,$p' models.py; venv/bin/python take.py; } | tee seen
diff - seen <<'SEEN'
class Thing(BaseModel):
    pair: list[str | int] | None = Field(None, max_length=2, min_length=2)
    needsKey: dict[str, Any] | None = None
    different: list[str] | None = None
{'pair': ['a', 1]}: taken
{'pair': [1, 'a']}: taken
{'pair': ['a', 'b']}: taken
{'pair': ['a', 1, 2]}: refused
{'needsKey': {}}: taken
{'different': ['a', 'a']}: taken
SEEN
