// The numbers of the cards above the feed: of everybody if they are public, else the reader's own.

import { answered, api, type Schemas } from "../../api";
import { settings } from "../../deployment";
import { number, percent } from "../../format";
import { texts } from "../../texts/common";
import { pageTexts } from "../../texts/pages";

const DAYS = 7;
const labels = pageTexts.live;

export interface Card {
  title: string;
  value: string;
  unit: string;
  /** Against the days before, where it is known. */
  change: string;
  text: string;
}

export interface Cards {
  isPublic: boolean;
  /** Whether those who generate most may be named. */
  hasNames: boolean;
  cards: Card[];
}

export async function loadCards(uid: string): Promise<Cards> {
  const { analytics, liveFeed, types } = await settings();
  if (analytics === "public") {
    const query = { days: DAYS, lists: false };
    const answer = (await answered(
      api.GET("/api/analytics", { params: { query } }),
    )) as Schemas["AnalyticsAnswer"];
    // With few active users neither hours nor names are told, for they would tell of each.
    const hasNames = liveFeed === "named" && answer.hours !== null;
    return { isPublic: true, hasNames, cards: ofAll(answer, types) };
  }
  const params = { path: { userId: uid }, query: { days: 2 * DAYS, records: 0 } };
  const answer = await answered(api.GET("/api/analytics/users/{userId}", { params }));
  return { isPublic: false, hasNames: false, cards: own(answer, types) };
}

const ORDER = ["image", "video", "audio"];
const usual = (type: string) => ORDER.includes(type);

/** A card for each usual type, and for each other one that was used. */
function ofTypes(types: string[], counts: (type: string) => [now: number, before: number]) {
  const shown = types.filter((type) => usual(type) || counts(type).some((count) => count > 0));
  const place = (type: string) => (usual(type) ? ORDER.indexOf(type) : ORDER.length);
  return shown
    .sort((one, other) => place(one) - place(other) || one.localeCompare(other))
    .map((type) => ({ type, counts: counts(type) }));
}

const card = (title: string, value: string, unit: string, change: string, text: string): Card => ({
  ...{ title, value, unit, change, text },
});

const typeCard = (type: string, [now, before]: [number, number], unit: string) =>
  card(
    labels.card(texts.typesInPlural[type] ?? type),
    number(now),
    unit,
    "",
    labels.before(number(before)),
  );

function ofAll(answer: Schemas["AnalyticsAnswer"], types: string[]): Card[] {
  const { totals, previous, change, activeUsers, successRate } = answer;
  const count = (rows: Schemas["NamedCounts"][], type: string) =>
    rows.find(({ name }) => name === type)?.total ?? 0;
  const known = [...new Set([...types, ...answer.byType.map(({ name }) => name)])];
  const share = (value: number | null) => (value === null ? "" : labels.change(value));
  return [
    ...ofTypes(known, (type) => [count(answer.byType, type), count(previous.byType, type)]).map(
      ({ type, counts }) => typeCard(type, counts, labels.generations),
    ),
    rateCard(successRate, previous.successRate),
    card(
      labels.total,
      number(totals.total),
      "",
      share(change.total),
      labels.parts(totals.success, totals.total - totals.success, answer.processing),
    ),
    card(
      labels.users,
      number(activeUsers.total),
      "",
      share(change.activeUsers),
      labels.newUsers(activeUsers.new, activeUsers.returning),
    ),
  ];
}

function own({ days }: Schemas["UserAnalyticsAnswer"], types: string[]): Card[] {
  const halves = [days.slice(-DAYS), days.slice(0, -DAYS)] as const;
  const sum = (of: typeof days, what: (day: (typeof days)[number]) => number) =>
    of.reduce((all, each) => all + what(each), 0);
  const both = (what: (day: (typeof days)[number]) => number): [number, number] => [
    sum(halves[0], what),
    sum(halves[1], what),
  ];
  const [success, successBefore] = both((day) => day.success);
  const [failed, failedBefore] = both((day) => day.failed);
  const rate = (good: number, bad: number) => (good + bad ? good / (good + bad) : null);
  return [
    ...ofTypes(types, (type) => both(({ byType }) => byType[type] ?? 0)).map(({ type, counts }) =>
      typeCard(type, counts, labels.credits),
    ),
    rateCard(rate(success, failed), rate(successBefore, failedBefore)),
    card(labels.total, number(success + failed), "", "", labels.ownParts(success, failed)),
  ];
}

function rateCard(now: number | null, before: number | null): Card {
  const text = before === null ? "" : labels.before(percent(before));
  return card(labels.rate, now === null ? "–" : percent(now), "", "", text);
}
