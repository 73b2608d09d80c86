// What only the emulators can do: set the clock that the functions go by, run a schedule at once.

const OWNER = { authorization: "Bearer owner", "content-type": "application/json" };
const project = process.env.GCLOUD_PROJECT;
const documents = `/v1/projects/${project}/databases/(default)/documents`;

/** Make it `instant` for every function; without one, the real time again. */
export async function travelTo(instant) {
  const url = `http://${process.env.FIRESTORE_EMULATOR_HOST}${documents}/testClock/now`;
  const fields = { at: { timestampValue: instant } };
  const change = instant
    ? { method: "PATCH", headers: OWNER, body: JSON.stringify({ fields }) }
    : { method: "DELETE", headers: OWNER };
  await done(await fetch(url, change));
}

/** Run a scheduled function as its schedule would. */
export async function runScheduled(name, region = process.env.REGION ?? "us-central1") {
  const trigger = `/functions/projects/${project}/triggers/${region}-${name}-0`;
  const url = `http://${process.env.FUNCTIONS_EMULATOR_HOST}${trigger}`;
  await done(await fetch(url, { method: "POST", headers: OWNER, body: "{}" }));
}

async function done(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}
