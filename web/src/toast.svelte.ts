// Short messages, read out by screen readers.

interface Link {
  href: string;
  text: string;
}

export const toast = $state<{ text: string; link: Link | undefined }>({
  text: "",
  link: undefined,
});

let timer: ReturnType<typeof setTimeout>;

export function say(text: string, link?: Link): void {
  toast.text = text;
  toast.link = link;
  clearTimeout(timer);
  if (text) timer = setTimeout(() => say(""), 8000);
}
