/** Encoded requests, one behind the other. */
import type { ProduceFrame } from './produce-request.ts';

export interface Packed {
  readonly bytes: Buffer;
  /** Frame i lies at [starts[i], starts[i + 1]). */
  readonly starts: readonly number[];
}

export function packFrames(frames: readonly ProduceFrame[]): Packed {
  const starts = [0];
  for (const frame of frames) starts.push(starts[starts.length - 1]! + frame.bytes.length);
  return { bytes: Buffer.concat(frames.map((frame) => frame.bytes)), starts };
}
