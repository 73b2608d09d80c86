// An app's side of Genquota, written with the Firebase JS SDK as any app would: sign up, call the
// functions, listen to one's own numbers, list one's own generations.

import { randomUUID } from "node:crypto";

import { initializeApp } from "firebase/app";
import { connectAuthEmulator, createUserWithEmailAndPassword, getAuth } from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  getDoc,
  getDocs,
  getFirestore,
  limit,
  onSnapshot,
  orderBy,
  query,
  setDoc,
  setLogLevel,
  updateDoc,
  where,
} from "firebase/firestore";
import { connectFunctionsEmulator, getFunctions, httpsCallable } from "firebase/functions";

setLogLevel("silent"); // a refused write is part of the story, not a warning on the screen

const TRIES = 3;

/** One phone with the app on it: its own sign-in and its own connection. */
export class App {
  constructor(region = process.env.REGION ?? "us-central1") {
    const [authHost, firestoreHost, functionsHost] = ["FIREBASE_AUTH", "FIRESTORE", "FUNCTIONS"].map(
      (emulator) => process.env[`${emulator}_EMULATOR_HOST`].split(":"),
    );
    const settings = { projectId: process.env.GCLOUD_PROJECT, apiKey: "any" };
    this.firebase = initializeApp(settings, randomUUID());
    this.auth = getAuth(this.firebase);
    this.firestore = getFirestore(this.firebase);
    this.functions = getFunctions(this.firebase, region);
    connectAuthEmulator(this.auth, `http://${authHost.join(":")}`, { disableWarnings: true });
    connectFirestoreEmulator(this.firestore, firestoreHost[0], Number(firestoreHost[1]));
    connectFunctionsEmulator(this.functions, functionsHost[0], Number(functionsHost[1]));
  }

  async signUp(email) {
    const { user } = await createUserWithEmailAndPassword(this.auth, email, "correct horse");
    this.uid = user.uid;
  }

  checkLimit = (request = {}) => this.#call("check_limit", request);
  createGeneration = (request) => this.#call("create_generation", request);
  updateGeneration = (request) => this.#call("update_generation", request);
  getUsage = () => this.#call("get_usage", {});
  deleteGeneration = (request) => this.#call("delete_generation", request);
  updateProfile = (request) => this.#call("update_profile", request);
  exportMyData = (request) => this.#call("export_my_data", request);
  withoutArgument = (name) => this.#call(name); // for which the SDK sends null

  /** Call the HTTP API as a dashboard does, with one's own ID token. */
  async api(method, path, body) {
    const { projectId } = this.firebase.options;
    const host = process.env.FUNCTIONS_EMULATOR_HOST;
    const response = await fetch(`http://${host}/${projectId}/${this.functions.region}/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.auth.currentUser.getIdToken()}`,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Refused({ ...answer.error, code: response.status });
    return answer;
  }

  /** Listen to the numbers in one's own user document; `stop()` ends it. */
  watchUsage(onChange) {
    const mine = doc(this.firestore, "users", this.uid);
    return onSnapshot(mine, (snapshot) => snapshot.exists() && onChange(snapshot.get("usage")));
  }

  /** Listen to one's own day; tells whether it is there, and ends with an error if the rules say so. */
  watchDay(date, onChange, onError) {
    const day = doc(this.firestore, "usageDaily", `${this.uid}_${date}`);
    return onSnapshot(day, (snapshot) => onChange(snapshot.exists()), onError);
  }

  /** Listen to the newest entries of the live feed; returns how to stop. */
  watchFeed(onChange) {
    const newest = query(collection(this.firestore, "live_generations"), orderBy("timestamp", "desc"), limit(50));
    return onSnapshot(newest, ({ docs }) => onChange(docs.map((each) => ({ id: each.id, ...each.data() }))));
  }

  async myUser() {
    return (await getDoc(doc(this.firestore, "users", this.uid))).data();
  }

  async myGenerations(...filters) {
    const mine = query(
      collection(this.firestore, "userGenerations"),
      where("userId", "==", this.uid),
      where("isDeleted", "==", false),
      ...filters.map(([field, value]) => where(field, "==", value)),
      orderBy("createdAt", "desc"),
    );
    return (await getDocs(mine)).docs.map((document) => document.data());
  }

  // What a cheating app would try: each gives the reason it was refused for, or null.
  tryToRead = (path) => refusalOf(() => getDoc(doc(this.firestore, path)));
  tryToUpdate = (path, fields) => refusalOf(() => updateDoc(doc(this.firestore, path), fields));
  tryToSet = (path, fields) => refusalOf(() => setDoc(doc(this.firestore, path), fields));

  async #call(name, request) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await httpsCallable(this.functions, name)(request)).data;
      } catch (error) {
        // Without a reason it was not Genquota that answered: a connection broke, whatever had been
        // done by then. The same request again, with its same key, does nothing twice.
        if (error.details?.reason || attempt === TRIES) throw new Refused(error);
        await new Promise((goOn) => setTimeout(goOn, 200 * attempt));
      }
    }
  }
}

/** What a function said instead of an answer: apps branch on `reason`, people read `message`. */
export class Refused extends Error {
  constructor({ code, message, details }) {
    super(message.replace(/ \[\d+\]$/, "")); // the SDK appends the HTTP status
    Object.assign(this, { code, details, reason: details?.reason });
  }

  toJSON() {
    return { code: this.code, message: this.message, details: this.details };
  }
}

async function refusalOf(attempt) {
  try {
    await attempt();
    return null;
  } catch (error) {
    return error.code;
  }
}
