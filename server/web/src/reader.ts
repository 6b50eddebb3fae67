// The worker in which the scanner runs: verdicts by a snapshot, symbols in frames.
import init, { Camera, Theatre } from "../wasm/tessera_wasm.js";

interface Question {
  id: number;
  what: "load" | "judge" | "look" | "end";
  wasm: string;
  statement?: string;
  parts?: string[];
  scan?: unknown;
  pixels?: ArrayBuffer;
  width?: number;
  height?: number;
  now?: number;
  year?: number;
}

let ready: Promise<unknown> | null = null;
let theatre: Theatre | null = null;
let camera: Camera | null = null;

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  try {
    ready ??= init({ module_or_path: data.wasm });
    await ready;
    self.postMessage({ id: data.id, ok: answer(data) });
  } catch (error) {
    // A panic is a RuntimeError: nothing in this instance can be trusted any more.
    const fatal = error instanceof WebAssembly.RuntimeError;
    self.postMessage({ id: data.id, error: String((error as Error).message ?? error), fatal });
  }
};

function answer(question: Question): unknown {
  switch (question.what) {
    case "load": {
      const next = new Theatre(question.statement!, question.parts!);
      theatre?.free();
      theatre = next;
      return theatre.products;
    }
    case "judge":
      return theatre ? JSON.parse(theatre.judge(JSON.stringify(question.scan))) : null;
    case "look":
      camera ??= new Camera();
      return JSON.parse(camera.look(new Uint8Array(question.pixels!), question.width!, question.height!, question.now!, question.year!));
    case "end":
      return JSON.parse(camera?.end(question.year!) ?? "null");
  }
}
