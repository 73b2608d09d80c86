// Whether the browser shall tell the reader that a generation of theirs has ended.

const NAME = "notify";

export const mayNotify = (): boolean =>
  "Notification" in globalThis && Notification.permission === "granted";

/** It may do so only while it has the permission. */
export const wishes = $state({ areOn: localStorage.getItem(NAME) === "on" && mayNotify() });

/** Turn it on or off; the browser asks for the permission, which it only does after a click. */
export async function wish(isOn: boolean): Promise<boolean> {
  const canAsk = isOn && "Notification" in globalThis;
  const isGranted = canAsk && (await Notification.requestPermission()) === "granted";
  wishes.areOn = isGranted;
  localStorage.setItem(NAME, isGranted ? "on" : "off");
  return isGranted === isOn;
}
