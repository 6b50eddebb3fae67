/** What is on its way into the browser's store is lost with the page: whoever leaves just then is asked first. */
let onTheirWay = 0;
const askFirst = (event: Event): void => event.preventDefault();

export function stayFor(work: Promise<unknown>): void {
  if (onTheirWay++ === 0) addEventListener("beforeunload", askFirst);
  const done = (): void => { if (--onTheirWay === 0) removeEventListener("beforeunload", askFirst); };
  void work.then(done, done);
}
