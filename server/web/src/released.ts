/** A tap on what is replaced meanwhile would be lost: what changes the page waits until the finger or button has come up. */
let released: Promise<void> = Promise.resolve();

document.addEventListener("pointerdown", () => {
  released = new Promise<void>((resolve) => {
    const done = (): void => void setTimeout(resolve, 0);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, done, { once: true });
  });
}, true);

export const untilReleased = (): Promise<void> => released;
