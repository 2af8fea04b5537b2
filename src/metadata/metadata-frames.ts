import { checksum } from './checksum.ts';

/**
 * Files of the metadata log and its snapshots:
 *
 *   header   0  magic    8 bytes  "millrace"
 *            8  version  u32 le
 *           12  crc32c   u32 le   of bytes 0 to 11
 *
 *   frame    0  magic    u32 le
 *            4  length   u32 le   bytes of the payload
 *            8  crc32c   u32 le   of the length and the payload
 *           12  payload           records as JSON, one a line
 *
 * One commit writes one frame, which is valid as a whole or not at all. A reader that meets an
 * invalid frame looks for the magic of a later one: without one this is a torn end, else damage.
 */
export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 16;
const FILE_MAGIC = Buffer.from('millrace', 'latin1');
const FRAME_MAGIC = 0x644d524d;
const FRAME_HEADER_BYTES = 12;
const PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;

export function encodeHeader(version = FORMAT_VERSION): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  FILE_MAGIC.copy(bytes);
  bytes.writeUInt32LE(version, 8);
  bytes.writeUInt32LE(checksum(bytes, 0, 12), 12);
  return bytes;
}

/** The version of a file, or -1 when its header is cut off or damaged. */
export function versionOf(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(FILE_MAGIC)) return -1;
  return bytes.readUInt32LE(12) === checksum(bytes, 0, 12) ? bytes.readUInt32LE(8) : -1;
}

export function encodeFrame(records: readonly object[]): Buffer {
  const payload = records.map((record) => JSON.stringify(record)).join('\n');
  const length = Buffer.byteLength(payload);
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  bytes.writeUInt32LE(FRAME_MAGIC, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.write(payload, FRAME_HEADER_BYTES);
  bytes.writeUInt32LE(frameChecksum(bytes, 0, length), 8);
  return bytes;
}

function frameChecksum(bytes: Buffer, at: number, length: number): number {
  const ofPayload = checksum(bytes, at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + length);
  return (ofPayload ^ checksum(bytes, at + 4, at + 8)) >>> 0;
}

/** Where the frame at `at` ends, or -1 when there is no valid frame. */
function endOfFrame(bytes: Buffer, at: number): number {
  if (at + FRAME_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== FRAME_MAGIC) return -1;
  const length = bytes.readUInt32LE(at + 4);
  const end = at + FRAME_HEADER_BYTES + length;
  if (length > PAYLOAD_BYTES_MAX || end > bytes.length) return -1;
  return bytes.readUInt32LE(at + 8) === frameChecksum(bytes, at, length) ? end : -1;
}

export interface FrameScan {
  /** Where the last valid frame ends, in bytes from the start of the file. */
  readonly soundBytes: number;
  /** Where an invalid frame begins that a valid one follows, or -1. It is damage, no torn end. */
  readonly damagedAt: number;
}

/** Calls `take` with every record, in order, up to the first invalid frame. */
export function scanFrames(bytes: Buffer, take: (record: unknown) => void): FrameScan {
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const end = endOfFrame(bytes, at);
    if (end === -1) return { soundBytes: at, damagedAt: followedByFrame(bytes, at + 1) ? at : -1 };
    const payload = bytes.toString('utf8', at + FRAME_HEADER_BYTES, end);
    for (const line of payload.split('\n')) take(JSON.parse(line));
    at = end;
  }
  return { soundBytes: at, damagedAt: -1 };
}

export function followedByFrame(bytes: Buffer, from: number): boolean {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(FRAME_MAGIC);
  let at = bytes.indexOf(magic, from);
  while (at !== -1) {
    if (endOfFrame(bytes, at) !== -1) return true;
    at = bytes.indexOf(magic, at + 1);
  }
  return false;
}
