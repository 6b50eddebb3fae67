/** Scans are answered in turn, so that the second barcode of a pack finds the first; none waits long for another. */
let turn: Promise<void> = Promise.resolve();
const LONGEST_TURN_MS = 3_000;

export function inTurn(work: () => Promise<void>): void {
  const before = Promise.race([turn, new Promise<void>((resolve) => setTimeout(resolve, LONGEST_TURN_MS))]);
  turn = before.catch(() => {}).then(work);
}
