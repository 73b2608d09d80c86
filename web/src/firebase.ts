// One build serves every project: Hosting tells which one this is.

import { initializeApp, type FirebaseApp, type FirebaseOptions } from "firebase/app";
import {
  browserLocalPersistence,
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
  type Auth,
} from "firebase/auth";

import { settled } from "./ahead";

type Emulators = Record<string, { host: string; port: number } | undefined>;

export interface Project {
  app: FirebaseApp;
  auth: Auth;
  emulators: Emulators;
}

/** The project has no web app, so there is nothing to sign in to. */
export class NoWebApp extends Error {}

async function connect(): Promise<Project> {
  await settled; // nothing competes with the first numbers
  const answer = await fetch("/__/firebase/init.json");
  if (answer.status === 404) throw new NoWebApp();
  const options: FirebaseOptions = await answer.json();
  const emulators = options.projectId?.startsWith("demo-") ? await findEmulators() : {};
  const app = initializeApp(options);
  const auth = initializeAuth(app, {
    persistence: [indexedDBLocalPersistence, browserLocalPersistence],
  });
  // In the same tick: a remembered user is looked up at once.
  const { auth: emulator } = emulators;
  if (emulator) {
    const url = `http://${emulator.host}:${emulator.port}`;
    connectAuthEmulator(auth, url, { disableWarnings: true });
  }
  return { app, auth, emulators };
}

async function findEmulators(): Promise<Emulators> {
  const script = await (await fetch("/__/firebase/init.js?useEmulator=true")).text();
  const found = /firebaseEmulators = (\{[^;]*\})/.exec(script);
  return found?.[1] ? JSON.parse(found[1]) : {};
}

let connected: Promise<Project> | undefined;

/** The project of this site; asked for again if it could not be had. */
export function project(): Promise<Project> {
  connected ??= connect().catch((error: unknown) => {
    connected = undefined;
    throw error;
  });
  return connected;
}
