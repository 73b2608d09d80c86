// What single pages and dialogs say: it is fetched with the first of them.

import { number, percent } from "../format";

const GENERATIONS = (count: number): string =>
  `${number(count)} ${count === 1 ? "generation" : "generations"}`;

export const pageTexts = {
  live: {
    title: "Live",
    off: "The live feed is turned off.",
    offText: "Whoever runs this app has not turned it on.",
    empty: "Nothing is being generated right now.",
    emptyText: "New generations show up here by themselves.",
    live: "live",
    calm: (pace: number) => `about ${number(pace)} a second, shown every 15 s`,
    paused: "paused",
    connecting: "connecting",
    pause: "Pause",
    resume: (count: number) => (count ? `Resume (${number(count)} new)` : "Resume"),
    showMe: "Show me here",
    failed: "The live feed cannot be watched right now.",
    still: "Still watching?",
    stillText: "The feed stopped after ten minutes without a sign of you.",
    goOn: "Go on",
    more: "Show older ones",
    detail: "Generation",
    gone: "This entry is no longer in the feed.",
    by: "By",
    own: "Open in your history",
    notify: "Notify me when mine are done",
    notifyDenied: "Your browser does not allow notifications for this page.",
    cards: "The last 7 days",
    cardsOwn: "Your last 7 days",
    card: (types: string) => `AI ${types}`,
    credits: "credits",
    generations: "generations",
    before: (value: string) => `${value} in the 7 days before`,
    change: (share: number) => `${share > 0 ? "+" : ""}${percent(share)}`,
    rate: "Success rate",
    total: "Total generations",
    parts: (success: number, failed: number, open: number) =>
      `${number(success)} completed, ${number(open)} processing, ${number(failed)} failed`,
    ownParts: (success: number, failed: number) =>
      `${number(success)} completed, ${number(failed)} failed`,
    users: "Active users",
    newUsers: (fresh: number, back: number) => `${number(fresh)} new, ${number(back)} returning`,
    topUsers: "Top users",
    noTopUsers: "Nobody may be named.",
  },
  profile: {
    title: "Profile",
    name: "Name",
    photo: "Address of your photo",
    zone: "Time zone",
    zoneHint: (time: string) => `There it is ${time} now. Days and periods begin by it.`,
    feed: "Show what I generate in the live feed",
    locale: "Language of numbers and dates",
    localeSystem: "As my browser says",
    devices: "Devices",
    devicesText: "These get notifications of your limits from the app.",
    noDevices: "No device has been registered by the app.",
    devicesFailed: "Your devices cannot be shown right now.",
    platforms: { ios: "iPhone or iPad", android: "Android", web: "Browser" } as Record<
      string,
      string
    >,
    lastSeen: (when: string) => `last seen ${when}`,
    remove: "Remove",
    removed: "The device is removed.",
    save: "Save",
    saved: "Your profile is saved.",
    data: "Your data",
    exportText: "All that is kept of you, as one file.",
    export: "Export my data",
    exporting: (count: number) => `${number(count)} documents so far…`,
    delete: "Delete my account",
    deleteText: "Your account and all that is kept of you is deleted. It cannot be undone.",
    deleteType: (email: string) => `Type ${email} to confirm`,
    deleting: "Deleting…",
  },
  ended: {
    one: (status: string, prompt: string): string => {
      const short = prompt.length > 80 ? `${prompt.slice(0, 80)}…` : prompt;
      if (status === "success") return `Done: ${short}`;
      if (status === "failed") return `Failed, and given back: ${short}`;
      return status === "expired" ? `Never finished, and given back: ${short}` : "";
    },
    many: (count: number) => `${GENERATIONS(count)} of yours have ended.`,
    open: "Open",
  },
  palette: {
    title: "Go to, or do",
    label: "Page, action or user",
    hint: "Type to search",
    hintAdmin: "A page, an action, an email or a user id",
    results: "Results",
    none: "Nothing found.",
    count: (count: number) => (count === 1 ? "1 result" : `${number(count)} results`),
    page: "Page",
    admin: "Admin page",
    verb: "Action",
    user: "User",
    byId: (id: string) => `User with the id ${id}`,
  },
  help: {
    title: "Keyboard",
    keys: [
      ["?", "This help"],
      ["Ctrl K, ⌘ K", "Go to a page, do something, find a user"],
      ["/", "Search on this page"],
      ["g u", "Usage"],
      ["g h", "History"],
      ["g l", "Live"],
      ["g i", "Inbox"],
      ["g p", "Profile"],
    ] as [string, string][],
    adminKeys: [
      ["g a", "Overview"],
      ["g w", "Live, all users"],
      ["g g", "Generations"],
      ["g e", "Users"],
      ["g n", "Plans"],
      ["g s", "Subscriptions"],
      ["g o", "Audit log"],
      ["g y", "System"],
    ] as [string, string][],
  },
};
