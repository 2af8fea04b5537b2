import { buildBatch } from '../../src/records/batch-builder.ts';
import { crc32c } from '../../src/records/crc32c.ts';
import { mutated } from './frame-mutator.ts';

const HEADER_BYTES = 61;
const CRC_AT = 17;
const CRC_FROM = 21;
const LENGTH_AT = 8;
const LENGTH_BASE = 12;

/** A batch that was honest once. Half of them have a CRC that fits, so that the rest is looked at. */
export function damagedBatch(random: () => number): Buffer {
  const count = 1 + Math.floor(random() * 5);
  const records = Array.from({ length: count }, (_, i) => ({
    key: random() < 0.5 ? null : Buffer.from(`key ${i}`),
    value: Buffer.alloc(Math.floor(random() * 200), i),
    timestamp: Math.floor(random() * 2 ** 40),
  }));
  const codec = Math.floor(random() * 5);
  const isIdempotent = random() < 0.3;
  const batch = buildBatch(records, {
    codec,
    producerId: isIdempotent ? Math.floor(random() * 100) : -1,
    producerEpoch: isIdempotent ? 0 : -1,
    baseSequence: isIdempotent ? Math.floor(random() * 10) : -1,
  });
  const damaged = mutated(batch, random);
  if (damaged.length < HEADER_BYTES || random() < 0.3) return damaged;
  const bytes = Buffer.from(damaged);
  bytes.writeInt32BE(bytes.length - LENGTH_BASE, LENGTH_AT);
  bytes[16] = 2;
  bytes.writeUInt32BE(crc32c(bytes, CRC_FROM, bytes.length), CRC_AT);
  return bytes;
}
