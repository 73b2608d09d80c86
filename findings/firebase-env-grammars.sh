#!/usr/bin/env bash
# One .env file, three readers: the Firebase CLI (functions/.env), python-dotenv and Node's own (--env-file).
# firebase-tools 15.34.2, python-dotenv 1.2.4, Node 20 to 24 (seen: 20.20.2).
#
# Of the three only the Firebase CLI keeps quotes that have something behind them, and takes a value from the next
# line; Node knows no escapes but \n, and backticks as quotes; python-dotenv ends no value at a # without a blank
# before it, gives nothing for a line that it does not like, and alone puts in the value of ${B}. Of the line ends
# \r\n the CLI turns the first of a file into \n, Node all, python-dotenv none. '!' marks what is read differently.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund firebase-tools@15.34.2 >install.log 2>&1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-dotenv==1.2.4 >>install.log 2>&1

cat >inputs.json <<'JSON'
["A=x#y", "A=x #y", "A=\"x\" y", "A='x'y", "A=\"a\",\"b\"", "A=\n'x'", "A=`x # y`", "A='a\\'b'", "A=\"a\\tb\"",
 "A=\"${B}\"\nB=2", "B=2\nA=${B}", "A=x\\#y", "A", "A: x", "A=\"x\r\ny\r\nz\"\r\n", "A.B=x\nA=y"]
JSON
cat >node.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseEnv } from "node:util";
const { parse } = createRequire(import.meta.url)("firebase-tools/lib/functions/env.js");
const texts = JSON.parse(readFileSync("inputs.json", "utf8"));
console.log(JSON.stringify(texts.map((text) => [parse(text).envs.A ?? null, parseEnv(text).A ?? null])));
JS
cat >compare.py <<'PY'
import io, json, logging, subprocess
from dotenv import dotenv_values
logging.disable()
texts = json.load(open("inputs.json"))
others = json.loads(subprocess.check_output(["node", "node.mjs"]))
print(f"  {'the file':<28} {'Firebase CLI':<18} {'python-dotenv':<18} Node")
for text, (cli, node) in zip(texts, others):
    dotenv = dotenv_values(stream=io.StringIO(text, newline="")).get("A")
    mark = " " if cli == dotenv == node else "!"
    print(f"{mark} {text!r:<28} {cli!r:<18} {dotenv!r:<18} {node!r}")
PY
venv/bin/python compare.py | tee seen
diff - seen <<'SEEN'
  the file                     Firebase CLI       python-dotenv      Node
! 'A=x#y'                      'x'                'x#y'              'x'
  'A=x #y'                     'x'                'x'                'x'
! 'A="x" y'                    '"x" y'            None               'x'
! "A='x'y"                     "'x'y"             None               'x'
! 'A="a","b"'                  'a","b'            None               'a'
! "A=\n'x'"                    'x'                ''                 ''
! 'A=`x # y`'                  '`x'               '`x'               'x # y'
! "A='a\\'b'"                  "a\\'b"            "a'b"              'a\\'
! 'A="a\\tb"'                  'a\tb'             'a\tb'             'a\\tb'
! 'A="${B}"\nB=2'              '${B}'             ''                 '${B}'
! 'B=2\nA=${B}'                '${B}'             '2'                '${B}'
! 'A=x\\#y'                    'x\\'              'x\\#y'            'x\\'
  'A'                          None               None               None
  'A: x'                       None               None               None
! 'A="x\r\ny\r\nz"\r\n'        'x\ny\r\nz'        'x\r\ny\r\nz'      'x\ny\nz'
  'A.B=x\nA=y'                 'y'                'y'                'y'
SEEN
