/** A Produce request (v11) for one batch of one partition, and where the answer has its error. */
import { LoadError } from './load-error.ts';
import { RequestWriter } from './request-writer.ts';

const PRODUCE = 0;
const VERSION = 11;
const TIMEOUT_MS = 30_000;
const LONGEST_NAME = 120;

export interface ProduceTarget {
  readonly topic: string;
  readonly partition: number;
  readonly acks: number;
}

export interface ProduceFrame {
  readonly bytes: Buffer;
  readonly batchAt: number;
  readonly batchEnd: number;
}

export function produceFrame(
  target: ProduceTarget,
  correlationId: number,
  batch: Buffer,
): ProduceFrame {
  const writer = new RequestWriter(PRODUCE, VERSION, correlationId, true);
  writer.uvarint(0).int16(target.acks).int32(TIMEOUT_MS);
  writer.uvarint(2).compactString(target.topic);
  writer
    .uvarint(2)
    .int32(target.partition)
    .uvarint(batch.length + 1);
  const batchAt = writer.position;
  writer.raw(batch).uvarint(0).uvarint(0).uvarint(0);
  return { bytes: writer.finish(), batchAt, batchEnd: batchAt + batch.length };
}

/**
 * Bytes from the start of an answer to the error code of its one partition:
 * correlation 4, tags 1, count 1, name length 1 (short names only), name, count 1, partition 4.
 */
export function produceErrorAt(topic: string): number {
  const length = Buffer.byteLength(topic);
  if (length > LONGEST_NAME) throw new LoadError(`the topic's name is too long: ${topic}`);
  return 4 + 1 + 1 + 1 + length + 1 + 4;
}
