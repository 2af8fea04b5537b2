import type { Clock } from '../../base/clock.ts';
import type { TransactionHolder } from '../../exchange/control.ts';
import { OUTCOME } from '../../log/outcome.ts';
import { baseTimestamp } from '../../records/batch-layout.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Workers } from '../partitions/workers.ts';
import type { TransactionWriter, TransactionWriters } from './transaction-writers.ts';

export interface HeldServices {
  readonly clock: Clock;
  readonly partitions: Partitions;
  readonly workers: Workers;
  readonly loader: PartitionLoader;
  readonly transactionWriters: TransactionWriters;
}

/** A partition whose last stable offset stands still, because a transaction is open. */
export interface HeldPartition {
  readonly topic: string;
  readonly partition: number;
  readonly lastStableOffset: number;
  readonly highWatermark: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** When the first batch of the transaction was made, by its producer; null where that is lost. */
  readonly sinceMs: number | null;
  /** Null where this process has seen no batch of the producer since it started. */
  readonly writer: TransactionWriter | null;
}

/** One batch is read, whatever its size. */
const ONE_BATCH = 1;
/** More partitions than these are not asked about: each costs a message to its worker. */
const HELD_MAX = 1000;
/** Any open transaction holds its partitions. One that is younger than this is at work. */
const HELD_AFTER_MS = 5_000;

function* heldMirrors(partitions: Partitions): Iterable<PartitionMirror> {
  for (const topic of partitions.topics()) {
    for (const mirror of topic.held) {
      if (mirror.known && mirror.lastStableOffset < mirror.highWatermark) yield mirror;
    }
  }
}

/** Which transaction holds each partition for longer than five seconds, the oldest first. */
export async function readHeldPartitions(services: HeldServices): Promise<HeldPartition[]> {
  const asked: Promise<HeldPartition | null>[] = [];
  for (const mirror of heldMirrors(services.partitions)) {
    if (asked.length === HELD_MAX) break;
    asked.push(heldPartition(mirror, services));
  }
  const newestMs = services.clock.wallMs() - HELD_AFTER_MS;
  const found = (await Promise.all(asked)).filter((each) => each !== null);
  const held = found.filter(({ sinceMs }) => sinceMs === null || sinceMs <= newestMs);
  return held.sort((one, other) => (one.sinceMs ?? 0) - (other.sinceMs ?? 0));
}

/** Null where the transaction has ended meanwhile. */
async function heldPartition(
  mirror: PartitionMirror,
  { workers, loader, transactionWriters }: HeldServices,
): Promise<HeldPartition | null> {
  const { worker, slot, topic, index: partition } = mirror;
  const answer = await workers.control(worker, { kind: 'transaction-holder', slot });
  if (answer.error !== 0 || answer.holder === null) return null;
  await loader.load(mirror);
  const { producerId, producerEpoch } = answer.holder;
  const { lastStableOffset, highWatermark } = mirror;
  const sinceMs = startOf(mirror, answer.holder);
  const writer = transactionWriters.find(producerId) ?? null;
  const place = { topic, partition, lastStableOffset, highWatermark };
  return { ...place, producerId, producerEpoch, sinceMs, writer };
}

function startOf(mirror: PartitionMirror, { firstOffset }: TransactionHolder): number | null {
  const { reader, logStartOffset } = mirror;
  if (reader === null || firstOffset < logStartOffset) return null;
  const outcome = reader.readTouched(firstOffset, ONE_BATCH, true);
  if (outcome !== OUTCOME.OK || reader.length === 0) return null;
  const timestamp = baseTimestamp(reader.bytes, reader.start);
  return timestamp < 0 ? null : timestamp;
}
