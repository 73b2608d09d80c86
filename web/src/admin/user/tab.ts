// What each tab of a user's page is given.

import type { Schemas } from "../../api";
import type { Subject, Verb } from "../operate/verbs";

export interface TabProps {
  user: Schemas["UserInFull"];
  /** Open the dialog of a verb, about this user and perhaps something of theirs. */
  operate: (verb: Verb, about?: Partial<Subject>) => void;
}
