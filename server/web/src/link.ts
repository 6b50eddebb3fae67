/** A worker that runs the scanner (WASM), started again when it falls over: a panic there must never take the page down. */

type Answer = { id: number; ok: unknown } | { id: number; error: string; fatal: boolean };

export class Link {
  readonly #script: string;
  readonly #wasm: string;
  readonly #begun: (link: Link) => Promise<void>;
  #worker: Worker | null = null;
  #next = 0;
  #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  /** How often it was started again. */
  restarts = 0;

  /** `begun` tells a new worker what it has to know. */
  constructor(script: string, wasm: string, begun: (link: Link) => Promise<void> = async () => {}) {
    this.#script = script;
    this.#wasm = wasm;
    this.#begun = begun;
  }

  /** Asks the worker; rejects where it can not answer, or not within `longest` milliseconds. */
  async ask<T>(what: string, content: Record<string, unknown> = {}, transfer: Transferable[] = [], longest = 10_000): Promise<T> {
    if (!this.#worker) {
      this.#start();
      await this.#begun(this);
    }
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#fall("The scanner took too long."), longest);
      const done = (): void => clearTimeout(timer);
      this.#waiting.set(id, {
        resolve: (value) => { done(); resolve(value as T); },
        reject: (error) => { done(); reject(error); },
      });
      this.#worker!.postMessage({ id, what, wasm: this.#wasm, ...content }, transfer);
    });
  }

  /** Ends it; the next question starts a new one. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start(): void {
    const worker = new Worker(this.#script, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("ok" in data) return waiting?.resolve(data.ok);
      waiting?.reject(new Error(data.error));
      if (data.fatal) this.#fall(data.error);
    };
    worker.onerror = () => this.#fall("The scanner could not be started.");
    this.#worker = worker;
  }

  #fall(why: string): void {
    this.stop();
    this.restarts++;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
