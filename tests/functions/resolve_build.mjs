// What firebase-tools makes of a manifest in an unattended deployment, with functions/.env alone.
// node resolve_build.mjs MANIFEST.yaml FUNCTIONS_FOLDER RUNTIME -> the backend, as JSON
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const firebaseTools = (path) => require(`firebase-tools/lib/${path}.js`);
const { resolveBackend } = firebaseTools("deploy/functions/build");
const { yamlToBuild } = firebaseTools("deploy/functions/runtimes/discovery/index");
const { endpointsAreValid } = firebaseTools("deploy/functions/validate");
const { loadUserEnvs } = firebaseTools("functions/env");
// As after `firebase functions:secrets:set`, which docs/deploying.md asks for.
firebaseTools("gcp/secretManager").getSecretMetadata = async () => ({
  secret: {},
  secretVersion: { state: "ENABLED" },
});
const yaml = require("yaml");

const [manifest, functionsSource, runtime] = process.argv.slice(2);
const projectId = "genquota-live";
const parsed = yaml.parse(readFileSync(manifest, "utf8"));
const build = yamlToBuild(parsed, projectId, "us-central1", runtime);
const { backend, envs } = await resolveBackend({
  build,
  firebaseConfig: { projectId },
  userEnvs: loadUserEnvs({ functionsSource, projectId, projectDir: functionsSource }),
  codebase: "default",
  nonInteractive: true,
  isEmulator: false,
});
endpointsAreValid(backend);
console.log(JSON.stringify({ regions: backend.endpoints, params: Object.keys(envs) }));
