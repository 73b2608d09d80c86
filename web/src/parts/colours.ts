// Which colour means what; app.css says what each looks like in both themes.

const COLOURS: Record<string, string> = {
  image: "image",
  video: "video",
  audio: "audio",
  pending: "busy",
  processing: "busy",
  success: "good",
  completed: "good",
  failed: "bad",
  cancelled: "busy",
  expired: "quiet",
  plan: "accent",
  quiet: "quiet",
};

export const colourOf = (kind: string): string => `var(--${COLOURS[kind] ?? "other"})`;
