/** The verdict for the ears: rising for "may", level for "look", low and repeated for "stop", a click for "kept". */
export type Sound = "may" | "look" | "stop" | "kept";

const NOTES: Record<Sound, { wave: OscillatorType; notes: [hertz: number, start: number, length: number][] }> = {
  may: { wave: "sine", notes: [[660, 0, 0.12], [990, 0.13, 0.22]] },
  look: { wave: "triangle", notes: [[520, 0, 0.2], [520, 0.3, 0.2]] },
  stop: { wave: "square", notes: [[196, 0, 0.28], [196, 0.36, 0.28], [196, 0.72, 0.45]] },
  kept: { wave: "sine", notes: [[440, 0, 0.06]] },
};

let context: AudioContext | null = null;

/** Plays a sound; a browser that will not play must never hold up a scan. */
export function play(sound: Sound): void {
  document.dispatchEvent(new CustomEvent("tessera:sound", { detail: sound }));
  try {
    context ??= new AudioContext();
    void context.resume();
    for (const [hertz, start, length] of NOTES[sound].notes) tone(context, NOTES[sound].wave, hertz, start, length);
  } catch {
    // No audio device: colour, words and shape still say it.
  }
}

function tone(audio: AudioContext, wave: OscillatorType, hertz: number, start: number, length: number): void {
  const from = audio.currentTime + start;
  const oscillator = new OscillatorNode(audio, { type: wave, frequency: hertz });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(wave === "square" ? 0.18 : 0.35, from + 0.01);
  gain.gain.setValueAtTime(wave === "square" ? 0.18 : 0.35, from + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, from + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(from);
  oscillator.stop(from + length);
}
