// What a notice says, in words.

import type { Row } from "../firestore";
import { texts } from "../texts/common";

export function noticeText({ kind, threshold, window, type }: Row): string {
  const say = texts.inbox.kinds[threshold ? `${kind}-${threshold}` : kind];
  const limit = texts.windows[window] ?? window;
  return say?.(type ? `${limit}, ${texts.types[type] ?? type}` : limit) ?? String(kind);
}
