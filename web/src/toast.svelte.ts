// Short news, read out by screen readers.

export const toast = $state({ text: "" });

let timer: ReturnType<typeof setTimeout>;

export function say(text: string): void {
  toast.text = text;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.text = ""), 8000);
}
