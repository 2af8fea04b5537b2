import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger } from '../../base/logger.ts';
import type { RecordRejection } from '../../base/record-rejection.ts';
import type { TopicConfig } from '../../metadata/config/topic-config.ts';
import { attributes, BATCH_HEADER_SIZE, CODEC_MASK } from '../../records/batch-layout.ts';
import type { HelperPool } from './helper-pool.ts';
import type { PartitionMirror } from './partition-mirror.ts';
import type { TopicMirror } from './topic-mirror.ts';

const CODEC_NUMBERS = { uncompressed: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** Whoever sent a batch. `onRebuilt` is called once. */
export interface RebuildWaiter {
  onRebuilt(error: number, records: Buffer, rejection: RecordRejection | null): void;
  /** `onRebuilt` threw, which is logged. The producer must not wait for its answer for ever. */
  onDefect(): void;
}

/**
 * Batches that may not be stored as they came. The topic has a compression of its own, or its
 * configuration asks for something that lies behind the client's codec: keys in a compacted topic,
 * times where `message.timestamp.before.max.ms` bounds them. They go through the helper pool.
 * Appends to one partition wait for each other, so that they keep their order.
 */
export class Recompression {
  readonly #pool: HelperPool;
  readonly #heldBytesMax: number;
  readonly #logger: Logger;
  /** The end of each partition's queue. */
  readonly #queues = new Map<PartitionMirror, Promise<void>>();
  #heldBytes = 0;

  constructor(pool: HelperPool, heldBytesMax: number, logger: Logger) {
    this.#logger = logger;
    this.#pool = pool;
    this.#heldBytesMax = heldBytesMax;
  }

  /** Batches in the pool or waiting for it fill their share of memory: producers must wait. */
  get isBackedUp(): boolean {
    return this.#heldBytes > this.#heldBytesMax;
  }

  concerns(topic: TopicMirror, mirror: PartitionMirror, records: Buffer): boolean {
    const { compressionType, compact } = topic.config;
    const looksInside = compact || boundsTimes(topic.config);
    if (compressionType === 'producer' && !looksInside) return false;
    if (this.#queues.has(mirror)) return true;
    if (records.length < BATCH_HEADER_SIZE) return false;
    const codec = attributes(records, 0) & CODEC_MASK;
    if (compressionType === 'producer') return codec !== 0;
    return codec !== CODEC_NUMBERS[compressionType] || (looksInside && codec !== 0);
  }

  /**
   * `records` is copied: the frame that it lies in is gone when the pool is done. The copy is
   * shared, so that it is not copied again for the pool's thread.
   */
  run(topic: TopicMirror, mirror: PartitionMirror, records: Buffer, waiter: RebuildWaiter): void {
    const { config } = topic;
    const { compressionType, gzipLevel, lz4Level, zstdLevel, compact, maxMessageBytes } = config;
    if (records.length > maxMessageBytes) {
      waiter.onRebuilt(ERROR.MESSAGE_TOO_LARGE, NO_RECORDS, null);
      return;
    }
    const copy = new Uint8Array(new SharedArrayBuffer(records.length));
    copy.set(records);
    this.#heldBytes += copy.length;
    const before = this.#queues.get(mirror) ?? Promise.resolve();
    const work = this.#pool.rebuild({
      records: copy,
      codec: compressionType === 'producer' ? -1 : CODEC_NUMBERS[compressionType],
      levels: { gzip: gzipLevel, lz4: lz4Level, zstd: zstdLevel },
      needsKeys: compact,
      partition: `${mirror.topic}-${mirror.index}`,
      bytesMax: maxMessageBytes,
      beforeMaxMs: boundsTimes(config) ? config.timestampBeforeMaxMs : Number.POSITIVE_INFINITY,
      afterMaxMs: config.timestampAfterMaxMs,
    });
    const rebuilding = before.then(async () => {
      const { error, rebuilt, rejection } = await work.catch(() => FAILED);
      this.#heldBytes -= copy.length;
      if (this.#queues.get(mirror) === queue) this.#queues.delete(mirror);
      const records = Buffer.from(rebuilt.buffer, rebuilt.byteOffset, rebuilt.length);
      waiter.onRebuilt(error, records, rejection);
    });
    const queue = inBackground(rebuilding, (thrown) => {
      logFailure(this.#logger, 'an append')(thrown);
      waiter.onDefect();
    });
    this.#queues.set(mirror, queue);
  }
}

/** By default there is no bound, and the header of a batch says enough about the future. */
function boundsTimes({ logAppendTime, timestampBeforeMaxMs }: TopicConfig): boolean {
  return !logAppendTime && timestampBeforeMaxMs < Number.MAX_SAFE_INTEGER;
}

const NO_RECORDS = Buffer.alloc(0);
const FAILED = {
  error: ERROR.KAFKA_STORAGE_ERROR as number,
  rebuilt: new Uint8Array(0),
  rejection: null,
};
