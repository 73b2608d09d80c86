// firebase-tools' own reading of functions/.env: a line of JSON in, a line of JSON out.
// {text} -> {envs, errors, isTaken}; {folder, project, alias?, isEmulator} -> {envs}, or {} if it refuses.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const cli = createRequire(import.meta.url)("firebase-tools/lib/functions/env.js");

function read({ text }) {
  return { ...cli.parse(text), isTaken: isTaken(text) };
}

function isTaken(text) {
  try {
    return Boolean(cli.parseStrict(text));
  } catch {
    return false;
  }
}

function load({ folder, project, alias, isEmulator }) {
  const where = { functionsSource: folder, projectDir: folder };
  try {
    return { envs: cli.loadUserEnvs({ ...where, projectId: project, projectAlias: alias, isEmulator }) };
  } catch {
    return {};
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  process.stdout.write(`${JSON.stringify("text" in asked ? read(asked) : load(asked))}\n`);
}
