// The windows of limits, shortest first, as common.ts has them: their names, and what the API calls their reset.

import { texts } from "./common";

const RATES = ["minute", "hour"];
const IRREGULAR: Record<string, string> = { day: "daily", period: "period" };

export const LIMIT_WINDOWS = Object.entries(texts.windows)
  .filter(([id]) => !RATES.includes(id))
  .map(([id, running]) => {
    const word = id.replace("_", "-");
    const name = word.charAt(0).toUpperCase() + word.slice(1);
    return { id, name, running, reset: IRREGULAR[id] ?? `${word}ly` };
  });
