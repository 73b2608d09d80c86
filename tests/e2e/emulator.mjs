// What only the emulators can do: set the clock that the functions go by, run a schedule at once, be the
// payment provider, and be the operator at a terminal.

import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const { parse } = createRequire(import.meta.url)("firebase-tools/lib/functions/env.js");
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
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

/** Deliver an event of Stripe's, signed as Stripe signs. Return the HTTP status and what is answered. */
export async function deliver(event, region = process.env.REGION ?? "us-central1") {
  const secrets = await readFile(`${ROOT}functions/.secret.local`, "utf8");
  return deliverSignedWith(parse(secrets).envs.STRIPE_WEBHOOK_SECRET, event, region);
}

export async function deliverSignedWith(
  secret, event, region = process.env.REGION ?? "us-central1",
) {
  const body = JSON.stringify(event);
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
  const url = `http://${process.env.FUNCTIONS_EMULATOR_HOST}/${project}/${region}/stripe_webhook`;
  const headers = {
    "content-type": "application/json",
    "stripe-signature": `t=${at},v1=${signature}`,
  };
  const response = await fetch(url, { method: "POST", headers, body });
  return { http: response.status, ...(await response.json()) };
}

/** What Stripe tells when somebody has bought a monthly subscription at that instant. */
export function subscriptionBought(userId, price, instant) {
  const start = new Date(instant);
  const end = new Date(start);
  end.setUTCMonth(end.getUTCMonth() + 1);
  const [from, until] = [start, end].map((at) => at.getTime() / 1000);
  const item = {
    id: "si_1",
    current_period_start: from,
    current_period_end: until,
    price: { id: price, product: `prod_${price}` },
    quantity: 1,
  };
  const subscription = {
    id: `sub_${userId}`,
    object: "subscription",
    customer: `cus_${userId}`,
    status: "active",
    billing_cycle_anchor: from,
    start_date: from,
    created: from,
    cancel_at_period_end: false,
    items: { object: "list", data: [item], has_more: false },
    metadata: { userId },
  };
  return {
    id: `evt_${userId}_${from}`,
    object: "event",
    type: "customer.subscription.created",
    created: from,
    data: { object: subscription },
  };
}

/** What an operator does at a terminal: make somebody an admin by email. */
export async function makeAdmin(email) {
  const command = ["-m", "ops", "admin", "--email", email, "--note", "runs the shop"];
  await promisify(execFile)(`${ROOT}functions/venv/bin/python`, command, { cwd: ROOT });
}

async function done(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}
