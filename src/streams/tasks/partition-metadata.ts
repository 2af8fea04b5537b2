/**
 * What a task writes beside a committed offset, so that time goes on where the task goes on
 * elsewhere. Kafka Streams reads and writes the same.
 *
 *   base64 of: version:int8 (2)  partition_time:int64
 *              then, where there are marks: count:int32 { name_length:int32 name mark:int64 }
 */
export interface PartitionMetadata {
  /** The highest timestamp that was taken of the partition; -1 where there is none. */
  readonly partitionTime: number;
  /** What operators keep under a name, such as how far results were emitted. */
  readonly marks: ReadonlyMap<string, number>;
}

const NONE: PartitionMetadata = { partitionTime: -1, marks: new Map() };
const VERSION = 2;
const HEAD_BYTES = 9;

export function encodePartitionMetadata({ partitionTime, marks }: PartitionMetadata): string {
  if (marks.size === 0) return encodeTime(partitionTime);
  const names = Array.from(marks.keys(), (name) => new TextEncoder().encode(name));
  const marksBytes = names.reduce((sum, { length }) => sum + 12 + length, 4);
  const bytes = new Uint8Array(HEAD_BYTES + marksBytes);
  const view = new DataView(bytes.buffer);
  view.setInt8(0, VERSION);
  view.setBigInt64(1, BigInt(partitionTime));
  view.setInt32(HEAD_BYTES, marks.size);
  let at = HEAD_BYTES + 4;
  for (const [i, mark] of [...marks.values()].entries()) {
    const name = names[i]!;
    view.setInt32(at, name.length);
    bytes.set(name, at + 4);
    view.setBigInt64(at + 4 + name.length, BigInt(mark));
    at += 12 + name.length;
  }
  return btoa(String.fromCharCode(...bytes));
}

const HEAD = new Uint8Array(HEAD_BYTES);
const HEAD_VIEW = new DataView(HEAD.buffer);
const HIGH = 2 ** 32;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Without marks, which is nearly always so. */
function encodeTime(time: number): string {
  const high = Math.floor(time / HIGH);
  HEAD_VIEW.setInt8(0, VERSION);
  HEAD_VIEW.setInt32(1, high);
  HEAD_VIEW.setUint32(5, time - high * HIGH);
  // Three bytes are four digits. A call of the engine costs more than the digits.
  let text = '';
  for (let at = 0; at < HEAD_BYTES; at += 3) {
    const bits = (HEAD[at]! << 16) | (HEAD[at + 1]! << 8) | HEAD[at + 2]!;
    text += DIGITS[bits >> 18]! + DIGITS[(bits >> 12) & 63]!;
    text += DIGITS[(bits >> 6) & 63]! + DIGITS[bits & 63]!;
  }
  return text;
}

/** What others wrote there, and what cannot be read, is as if nothing was written. */
export function decodePartitionMetadata(text: string): PartitionMetadata {
  const bytes = bytesOf(text);
  if (bytes === null || bytes.length < HEAD_BYTES) return NONE;
  const view = new DataView(bytes.buffer);
  const version = view.getInt8(0);
  if (version !== 1 && version !== VERSION) return NONE;
  const partitionTime = Number(view.getBigInt64(1));
  const marks = version === 1 ? null : readMarks(bytes, view);
  return { partitionTime, marks: marks ?? NONE.marks };
}

function readMarks(bytes: Uint8Array, view: DataView): Map<string, number> | null {
  const marks = new Map<string, number>();
  if (bytes.length < HEAD_BYTES + 4) return null;
  let at = HEAD_BYTES + 4;
  for (let left = view.getInt32(HEAD_BYTES); left > 0; left--) {
    if (at + 4 > bytes.length) return null;
    const length = view.getInt32(at);
    const end = at + 12 + length;
    if (length < 0 || end > bytes.length) return null;
    const name = new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length));
    marks.set(name, Number(view.getBigInt64(end - 8)));
    at = end;
  }
  return marks;
}

function bytesOf(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
