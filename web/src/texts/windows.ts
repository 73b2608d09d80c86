// The windows of limits, shortest first: their names, the running one, and what the API calls its reset.

export const LIMIT_WINDOWS = [
  { window: "day", name: "Day", running: "Today", reset: "daily" },
  { window: "week", name: "Week", running: "This week", reset: "weekly" },
  { window: "month", name: "Month", running: "This month", reset: "monthly" },
  { window: "quarter", name: "Quarter", running: "This quarter", reset: "quarterly" },
  { window: "period", name: "Period", running: "This period", reset: "period" },
];
