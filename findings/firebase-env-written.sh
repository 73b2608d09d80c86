#!/usr/bin/env bash
# The Firebase CLI writes what it was told of a parameter into functions/.env.<project>, and reads it from there
# with the next deployment. A value with a # or with blanks around it is not what comes back.
# firebase-tools 15.34.2.
#
# A value is put in quotes only if it has a character that an escape stands for (\n \r \t \v \ ' "); a # has none.
# So the first deployment has the whole value, and every later one what stands before the #.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund firebase-tools@15.34.2 >install.log 2>&1

cat >written.mjs <<'JS'
import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
const env = createRequire(import.meta.url)("firebase-tools/lib/functions/env.js");
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true; // the CLI tells what it writes
for (const value of ["abc", "abc#def", "#1", " abc ", "a'b#c", "a b"]) {
  const folder = mkdtempSync("project-");
  const project = { functionsSource: folder, projectDir: folder, projectId: "shop" };
  env.writeResolvedParams({ KEY: { internal: false, toString: () => value } }, {}, project);
  const file = readFileSync(`${folder}/.env.shop`, "utf8");
  const back = env.loadUserEnvs(project).KEY;
  const words = [value, file, back].map((each) => JSON.stringify(each));
  say(`told ${words[0]}, wrote ${words[1]}, read ${words[2]}${back === value ? "" : "  <- differs"}\n`);
}
JS
node written.mjs | tee seen
diff - seen <<'SEEN'
told "abc", wrote "KEY=abc\n", read "abc"
told "abc#def", wrote "KEY=abc#def\n", read "abc"  <- differs
told "#1", wrote "KEY=#1\n", read ""  <- differs
told " abc ", wrote "KEY= abc \n", read "abc"  <- differs
told "a'b#c", wrote "KEY=\"a\\'b#c\"\n", read "a'b#c"
told "a b", wrote "KEY=a b\n", read "a b"
SEEN
