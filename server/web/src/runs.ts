/** A module of one function with a vector: the scanner is built with SIMD, and a browser that does not know it cannot start it. */
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** Whether this browser can run the scanner: Chrome 91, Firefox 89, Safari 16.4 and later can. */
export const scannerRuns = (): boolean => WebAssembly.validate(SIMD);
