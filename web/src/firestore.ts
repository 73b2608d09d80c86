// Firestore, for what changes while it is looked at. It is large: import() it once a page is shown.

import {
  collection,
  connectFirestoreEmulator,
  doc,
  getDoc,
  getDocs,
  initializeFirestore,
  limit,
  onSnapshot,
  orderBy,
  query,
  where,
  type DocumentData,
  type Firestore,
  type Query,
  type QuerySnapshot,
} from "firebase/firestore";
import { project } from "./firebase";
import { whileSeen, type Stop } from "./seen";

export type Row = DocumentData & { id: string };

let opened: Promise<Firestore> | undefined;

function database(): Promise<Firestore> {
  opened ??= project().then(
    ({ app, emulators: { firestore } }) => {
      const db = initializeFirestore(app, {});
      if (firestore) connectFirestoreEmulator(db, firestore.host, firestore.port);
      return db;
    },
    () => {
      opened = undefined;
      return new Promise<never>(() => {}); // the session takes the page away, and says why
    },
  );
  return opened;
}

/** Watch one document while the page is seen, or always; nothing is shown of one that is not there. */
export async function watchDocument(
  path: string,
  isAlways: boolean,
  show: (data: DocumentData | undefined) => void,
  failed: () => void = () => {},
): Promise<Stop> {
  const reference = doc(await database(), path);
  const start = () => onSnapshot(reference, (found) => show(found.data()), failed);
  return isAlways ? start() : whileSeen(start);
}

/** Read one document, once; undefined if it is not there. */
export async function readDocument(path: string): Promise<DocumentData | undefined> {
  return (await getDoc(doc(await database(), path))).data();
}

export interface Newest {
  path: string;
  by: string;
  most: number;
  /** Only those whose fields say this. */
  only: [field: string, value: string | boolean][];
}

type Show = (rows: Row[], isCurrent: boolean) => void;

/** Watch the newest documents of a collection while the page is seen. */
export async function watchNewest(what: Newest, show: Show, failed: () => void): Promise<Stop> {
  const newest = await queryOf(what);
  // Changes of metadata tell when the connection is lost, and found again.
  const options = { includeMetadataChanges: true };
  const next = (found: QuerySnapshot) => show(rowsOf(found), !found.metadata.fromCache);
  return whileSeen(() => onSnapshot(newest, options, next, failed));
}

/** Read the newest documents of a collection once. */
export async function readNewest(what: Newest): Promise<Row[]> {
  return rowsOf(await getDocs(await queryOf(what)));
}

/** Ask for them every so often instead: cheaper, where more comes than anybody reads. */
export async function askForNewest(
  what: Newest,
  every: number,
  show: Show,
  failed: () => void,
): Promise<Stop> {
  const newest = await queryOf(what);
  const look = () => getDocs(newest).then((found) => show(rowsOf(found), true), failed);
  return whileSeen(() => {
    look();
    const timer = setInterval(look, every);
    return () => clearInterval(timer);
  });
}

async function queryOf({ path, by, most, only }: Newest): Promise<Query> {
  const filters = only.map(([field, value]) => where(field, "==", value));
  return query(collection(await database(), path), ...filters, orderBy(by, "desc"), limit(most));
}

function rowsOf(found: QuerySnapshot): Row[] {
  return found.docs.map((each) => ({ ...each.data(), id: each.id }));
}
