/**
 * The requests of one transactional producer, encoded once. What a transaction changes in them, the
 * epoch and whether it commits, is written at the places that are named beside them.
 *
 * Version 2 (KIP-890): Produce v12 and TxnOffsetCommit v5 add their partitions by themselves, EndTxn
 * v5 answers with the next epoch. Version 1: AddPartitionsToTxn and AddOffsetsToTxn come first.
 */
import { RequestWriter } from './request-writer.ts';

const API = {
  produce: 0,
  addPartitions: 24,
  addOffsets: 25,
  endTxn: 26,
  offsetCommit: 28,
} as const;
const TIMEOUT_MS = 30_000;

export interface TransactionalProducer {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly topic: string;
  readonly group: string;
  readonly version: 1 | 2;
}

/** `errorsAt`: bytes from the start of an answer to its error codes. */
export interface TransactionFrame {
  readonly bytes: Buffer;
  readonly epochAt: number;
  readonly errorsAt: readonly number[];
}

export interface EndFrame extends TransactionFrame {
  readonly committedAt: number;
  /** Bytes from the start of an answer to producer id and epoch; 0 where it has none. */
  readonly identityAt: number;
}

export interface PartitionBatch {
  readonly partition: number;
  readonly batch: Buffer;
}

export interface ProduceFrames {
  readonly bytes: Buffer;
  readonly batchesAt: readonly number[];
  readonly errorsAt: readonly number[];
}

/** Partition 4, error 2, offset 8, append time 8, log start 8, no record errors 1, no message 1, tags 1. */
const PRODUCED_BYTES = 33;

/** One batch for each of some partitions, in one request. */
export function transactionalProduce(
  { transactionalId, topic, version }: TransactionalProducer,
  correlationId: number,
  batches: readonly PartitionBatch[],
): ProduceFrames {
  const writer = new RequestWriter(API.produce, version === 2 ? 12 : 11, correlationId, true);
  writer.compactString(transactionalId).int16(-1).int32(TIMEOUT_MS);
  writer
    .uvarint(2)
    .compactString(topic)
    .uvarint(batches.length + 1);
  const batchesAt: number[] = [];
  for (const { partition, batch } of batches) {
    writer.int32(partition).uvarint(batch.length + 1);
    batchesAt.push(writer.position);
    writer.raw(batch).uvarint(0);
  }
  writer.uvarint(0).uvarint(0);
  // correlation 4, tags 1, count 1, name, count 1, partition 4
  const firstAt = 4 + 1 + 1 + 1 + Buffer.byteLength(topic) + 1 + 4;
  const errorsAt = batches.map((_, index) => firstAt + index * PRODUCED_BYTES);
  return { bytes: writer.finish(), batchesAt, errorsAt };
}

export function endTransaction(
  { transactionalId, producerId, version }: TransactionalProducer,
  correlationId: number,
): EndFrame {
  const isFlexible = version === 2;
  const writer = new RequestWriter(API.endTxn, isFlexible ? 5 : 2, correlationId, isFlexible);
  if (isFlexible) writer.compactString(transactionalId);
  else writer.string(transactionalId);
  writer.int64(producerId);
  const epochAt = writer.position;
  writer.int16(0);
  const committedAt = writer.position;
  writer.int8(1);
  if (isFlexible) writer.uvarint(0);
  // correlation 4, tags 1 where flexible, throttle 4
  const errorAt = 4 + (isFlexible ? 1 : 0) + 4;
  const identityAt = isFlexible ? errorAt + 2 : 0;
  return { bytes: writer.finish(), epochAt, committedAt, errorsAt: [errorAt], identityAt };
}

/** Version 1: before the first write of a transaction. */
export function addPartitions(
  { transactionalId, producerId, topic }: TransactionalProducer,
  correlationId: number,
  partitions: readonly number[],
): TransactionFrame {
  const writer = new RequestWriter(API.addPartitions, 2, correlationId, false);
  writer.string(transactionalId).int64(producerId);
  const epochAt = writer.position;
  writer.int16(0).int32(1).string(topic);
  writer.array(partitions, (partition) => writer.int32(partition));
  // correlation 4, throttle 4, count 4, name, count 4, partition 4
  const firstAt = 4 + 4 + 4 + 2 + Buffer.byteLength(topic) + 4 + 4;
  const errorsAt = partitions.map((_, index) => firstAt + index * 6);
  return { bytes: writer.finish(), epochAt, errorsAt };
}

/** Version 1: before the offsets of a transaction. */
export function addOffsets(
  { transactionalId, producerId, group }: TransactionalProducer,
  correlationId: number,
): TransactionFrame {
  const writer = new RequestWriter(API.addOffsets, 2, correlationId, false);
  writer.string(transactionalId).int64(producerId);
  const epochAt = writer.position;
  writer.int16(0).string(group);
  return { bytes: writer.finish(), epochAt, errorsAt: [4 + 4] };
}

/** Offset 1 of partition 0, of a consumer that is in no generation. */
export function commitOffsets(
  { transactionalId, producerId, topic, group, version }: TransactionalProducer,
  correlationId: number,
): TransactionFrame {
  const isImplicit = version === 2;
  const writer = new RequestWriter(API.offsetCommit, isImplicit ? 5 : 3, correlationId, true);
  writer.compactString(transactionalId).compactString(group).int64(producerId);
  const epochAt = writer.position;
  writer.int16(0).int32(-1).compactString('').uvarint(0);
  writer.uvarint(2).compactString(topic);
  writer.uvarint(2).int32(0).int64(1).int32(-1).uvarint(0).uvarint(0);
  writer.uvarint(0).uvarint(0);
  // correlation 4, tags 1, throttle 4, count 1, name, count 1, partition 4
  const errorAt = 4 + 1 + 4 + 1 + 1 + Buffer.byteLength(topic) + 1 + 4;
  return { bytes: writer.finish(), epochAt, errorsAt: [errorAt] };
}
