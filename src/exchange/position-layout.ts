/**
 * A LogPosition in a message: three 64-bit floats.
 *
 *   +0 offset  +8 base offset of the segment  +16 position in that segment
 */
import type { LogPosition, PositionFields } from '../base/log-position.ts';

export function writePosition(doubles: Float64Array, at: number, from: PositionFields): void {
  doubles[at] = from.offset;
  doubles[at + 1] = from.segmentBase;
  doubles[at + 2] = from.position;
}

export function readPosition(doubles: Float64Array, at: number, into: LogPosition): void {
  into.set(doubles[at]!, doubles[at + 1]!, doubles[at + 2]!);
}
