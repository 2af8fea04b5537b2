/** Asking pages of maps whether the disk gives them, before their bytes are copied or sent. */
import { native } from './native.ts';

const PAGE = 4096;
/** Keeps the compiler from leaving out loads that nobody else needs. */
const kept = { bits: 0 };

/** Reads a byte of every page of bytes[start, end). */
export function touchPages(bytes: Uint8Array, start: number, end: number): void {
  if (start >= end) return;
  let bits = 0;
  for (let at = start; at < end; at += PAGE) bits ^= bytes[at]!;
  kept.bits ^= bits ^ bytes[end - 1]!;
}

/** False where a page of the chunks was lost, now or, in this process, at the same time. */
export function canBeRead(chunks: readonly Uint8Array[]): boolean {
  const faults = native.mapFaults();
  for (const chunk of chunks) touchPages(chunk, 0, chunk.length);
  return native.mapFaults() === faults;
}
