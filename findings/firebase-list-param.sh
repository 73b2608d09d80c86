#!/usr/bin/env bash
# ListParam of firebase-functions (Python): what a function gets for a line of functions/.env.
# firebase-functions 0.6.0.
#
# In brackets it must be JSON; what is none is an empty list, without a word. Outside brackets blanks stay, and
# whatever JSON holds is handed on although the type says list[str].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check firebase-functions==0.6.0 >install.log 2>&1

cat >lists.py <<'PY'
import os
from firebase_functions.params import ListParam

values = ['["a","b"]', "[a,b]", "['a','b']", "a,b", "a, b", "a,,b", '[1,null,{"b":2}]', ' ["a"]', "{}", "", None]
for number, value in enumerate(values):
    name = f"LIST_{number}"
    if value is not None:
        os.environ[name] = value
    said = "not set" if value is None else value
    print(f"{said:<18} {ListParam(name, default=['default']).value}")
PY
venv/bin/python lists.py | tee seen
diff - seen <<'SEEN'
["a","b"]          ['a', 'b']
[a,b]              []
['a','b']          []
a,b                ['a', 'b']
a, b               ['a', ' b']
a,,b               ['a', 'b']
[1,null,{"b":2}]   [1, None, {'b': 2}]
 ["a"]             [' ["a"]']
{}                 ['{}']
                   []
not set            ['default']
SEEN
