import { writeUnsignedVarint } from '../../base/varint.ts';
import { API } from '../../protocol/api-keys.ts';
import { encodeRequest } from '../../protocol/frames.ts';
import { writeUuid } from '../../protocol/uuid-bytes.ts';
import type { Batch } from './batch.ts';
import type { PartitionQueue } from './partition-queue.ts';

export interface ProduceTarget {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly batch: Batch;
  readonly queue: PartitionQueue;
}

export interface ProduceHead {
  readonly version: number;
  readonly clientId: string;
  readonly transactionalId: string;
  readonly acks: number;
  readonly timeoutMs: number;
}

const FLEXIBLE_VERSION = 9;
export const PRODUCE_BY_ID_VERSION = 13;
const FIXED_BYTES = 64;
const TARGET_BYTES = 40;
const UUID_BYTES = 16;
const NO_TAGS = 0;

/**
 * A Produce request as chunks: the batches where they lie, and between them what the protocol wants
 * there. The targets of a topic stand together.
 *
 *   length, api key, version, correlation id, client id | transactional id, acks, time-out
 *   topics: name or id, partitions: number, length of the batch, the batch
 */
export function layOutProduce(head: ProduceHead, targets: readonly ProduceTarget[]): Buffer[] {
  if (head.version < FLEXIBLE_VERSION) return encodeOld(head, targets);
  const slab = Buffer.allocUnsafe(slabBytes(head, targets));
  const chunks = new Array<Buffer>(2 * targets.length + 1);
  let total = 0;
  let from = 0;
  let at = writeHead(slab, head);
  at = writeUnsignedVarint(slab, at, topicCount(targets) + 1);
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    const { batch } = target;
    if (i === 0 || targets[i - 1]!.topic !== target.topic) {
      at = writeTopic(slab, at, head.version, target);
      at = writeUnsignedVarint(slab, at, partitionCount(targets, i) + 1);
    }
    at = slab.writeInt32BE(target.partition, at);
    at = writeUnsignedVarint(slab, at, batch.length + 1);
    chunks[2 * i] = slab.subarray(from, at);
    chunks[2 * i + 1] = batchBytes(batch);
    total += at - from + batch.length;
    from = at;
    slab[at++] = NO_TAGS;
    if (targets[i + 1]?.topic !== target.topic) slab[at++] = NO_TAGS;
  }
  slab[at++] = NO_TAGS;
  chunks[2 * targets.length] = slab.subarray(from, at);
  slab.writeInt32BE(total + at - from - 4, 0);
  return chunks;
}

function batchBytes({ bytes, length }: Batch): Buffer {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}

function slabBytes(head: ProduceHead, targets: readonly ProduceTarget[]): number {
  let size = FIXED_BYTES + 3 * (head.clientId.length + head.transactionalId.length);
  for (const { topic } of targets) size += TARGET_BYTES + 3 * topic.length;
  return size;
}

function writeHead(slab: Buffer, head: ProduceHead): number {
  slab.writeInt16BE(API.PRODUCE, 4);
  slab.writeInt16BE(head.version, 6);
  const clientBytes = slab.write(head.clientId, 14);
  slab.writeInt16BE(clientBytes, 12);
  let at = 14 + clientBytes;
  slab[at++] = NO_TAGS;
  if (head.transactionalId === '') slab[at++] = 0;
  else at = writeCompact(slab, at, head.transactionalId);
  at = slab.writeInt16BE(head.acks, at);
  return slab.writeInt32BE(head.timeoutMs, at);
}

function writeTopic(slab: Buffer, at: number, version: number, target: ProduceTarget): number {
  if (version < PRODUCE_BY_ID_VERSION) return writeCompact(slab, at, target.topic);
  writeUuid(slab, at, target.topicId);
  return at + UUID_BYTES;
}

function writeCompact(slab: Buffer, at: number, text: string): number {
  const textAt = writeUnsignedVarint(slab, at, Buffer.byteLength(text) + 1);
  return textAt + slab.write(text, textAt);
}

function topicCount(targets: readonly ProduceTarget[]): number {
  let count = 0;
  for (let i = 0; i < targets.length; i++) {
    if (i === 0 || targets[i]!.topic !== targets[i - 1]!.topic) count++;
  }
  return count;
}

function partitionCount(targets: readonly ProduceTarget[], start: number): number {
  let end = start;
  while (end < targets.length && targets[end]!.topic === targets[start]!.topic) end++;
  return end - start;
}

/** For brokers before 2.4. The batches are copied. */
function encodeOld(head: ProduceHead, targets: readonly ProduceTarget[]): Buffer[] {
  const { version, clientId, acks, timeoutMs } = head;
  const topics = new Map<string, { index: number; records: Buffer }[]>();
  for (const { topic, partition: index, batch } of targets) {
    const list = topics.get(topic) ?? [];
    list.push({ index, records: batchBytes(batch) });
    topics.set(topic, list);
  }
  const request = encodeRequest(
    API.PRODUCE,
    version,
    { correlationId: 0, clientId },
    {
      transactionalId: head.transactionalId === '' ? null : head.transactionalId,
      acks,
      timeoutMs,
      topicData: Array.from(topics, ([name, partitionData]) => ({ name, partitionData })),
    },
  );
  const length = Buffer.allocUnsafe(4);
  length.writeInt32BE(request.length);
  return [Buffer.concat([length, request])];
}
