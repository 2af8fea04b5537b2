/** In the place of `process.emitWarning` in browsers. */
export function emitWarning(message: string, { type, code }: { type: string; code: string }): void {
  console.warn(`[${code}] ${type}: ${message}`);
}
