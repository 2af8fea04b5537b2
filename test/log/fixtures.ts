import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogSettings } from '../../src/base/log-settings.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { LogListener } from '../../src/log/log-options.ts';
import { native } from '../../src/log/native.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import { PartitionLog } from '../../src/log/partition-log.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import {
  BATCH_HEADER_SIZE,
  setAttributes,
  setBaseOffset,
  setBaseTimestamp,
  setBatchLength,
  setCrc,
  setLastOffsetDelta,
  setMagic,
  setMaxTimestamp,
  setPartitionLeaderEpoch,
  setProducer,
  setRecordCount,
} from '../../src/records/batch-layout.ts';

export const TOPIC_ID = 'qqqqqqqqQQGqqqqqqqqqqg';
export const NOW = 1_700_000_000_000;

export const SETTINGS: LogSettings = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3600 * 1000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  retentionMs: -1,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  maxMessageBytes: 1024 * 1024,
  logAppendTime: false,
  timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
  delete: true,
  compact: false,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  groupCommit: false,
  minInSyncReplicas: 1,
};

export interface BatchShape {
  readonly records?: number;
  readonly recordBytes?: number;
  readonly timestamp?: number;
  readonly producerId?: number;
  readonly epoch?: number;
  readonly sequence?: number;
}

/** Records with a null key and a filler value: length, attributes, deltas, key, value, headers. */
function writeRecords(shape: Required<Pick<BatchShape, 'records' | 'recordBytes'>>): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < shape.records; i++) {
    const value = Buffer.alloc(shape.recordBytes, 97 + (i % 26));
    const body = Buffer.concat([
      Buffer.from([0, 0]),
      zigzag(i),
      Buffer.from([1]),
      zigzag(value.length),
      value,
      Buffer.from([0]),
    ]);
    parts.push(zigzag(body.length), body);
  }
  return Buffer.concat(parts);
}

function zigzag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A sound batch, stamped for an offset. */
export function makeBatch(baseOffset: number, shape: BatchShape = {}): Buffer {
  const { records = 1, recordBytes = 100, timestamp = NOW } = shape;
  const payload = writeRecords({ records, recordBytes });
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_SIZE), payload]);
  setBaseOffset(batch, 0, baseOffset);
  setBatchLength(batch, 0, batch.length - 12);
  setPartitionLeaderEpoch(batch, 0, 0);
  setMagic(batch, 0);
  setAttributes(batch, 0, 0);
  setLastOffsetDelta(batch, 0, records - 1);
  setBaseTimestamp(batch, 0, timestamp);
  setMaxTimestamp(batch, 0, timestamp);
  setProducer(batch, 0, shape.producerId ?? -1, shape.epoch ?? -1, shape.sequence ?? -1);
  setRecordCount(batch, 0, records);
  setCrc(batch, 0, native.crc32c(batch, 21, batch.length));
  return batch;
}

/** For hundreds of starts and stops that do not depend on the disk's cache. */
export function skipSyncs(): void {
  installStorage({ ...systemStorage, sync() {}, syncDirectory() {} });
}

export class CollectingLogger implements Logger {
  readonly lines: string[] = [];
  info(): void {}
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string): void {
    this.lines.push(message);
  }
}

export class CollectingListener implements LogListener {
  readonly events: string[] = [];
  segmentAdded(baseOffset: number, previousSizeBytes: number): void {
    this.events.push(`added ${baseOffset} after ${previousSizeBytes}`);
  }
  segmentRemoved(baseOffset: number): void {
    this.events.push(`removed ${baseOffset}`);
  }
  failed(reason: string): void {
    this.events.push(`failed ${reason}`);
  }
}

export interface OpenOverrides {
  readonly hasReplicas?: boolean;
  readonly settings?: Partial<LogSettings>;
  readonly logStartOffset?: number;
  readonly recoveryPoint?: number;
  readonly leaderEpoch?: number;
  readonly logger?: Logger;
  readonly listener?: LogListener;
  readonly topicId?: string;
}

/** A temporary data directory with the partition `orders-0`. */
export class LogFixture {
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  readonly directory = join(this.root, 'orders-0');
  readonly logger = new CollectingLogger();
  readonly listener = new CollectingListener();

  open(overrides: OpenOverrides = {}): PartitionLog {
    const log = PartitionLog.open({
      directory: this.directory,
      topicId: overrides.topicId ?? TOPIC_ID,
      settings: { ...SETTINGS, ...overrides.settings },
      logStartOffset: overrides.logStartOffset ?? 0,
      recoveryPoint: overrides.recoveryPoint ?? 0,
      hasReplicas: overrides.hasReplicas ?? false,
      producerExpirationMs: 86_400_000,
      maxProducers: 1000,
      wallMs: NOW,
      logger: overrides.logger ?? this.logger,
      listener: overrides.listener ?? this.listener,
    });
    log.epochs.assign(Math.max(overrides.leaderEpoch ?? 0, log.nextEpoch), log.logEndOffset);
    return log;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  segmentFile(baseOffset: number, suffix = '.log'): string {
    return this.path(String(baseOffset).padStart(20, '0') + suffix);
  }

  read(baseOffset: number, suffix = '.log'): Buffer {
    return readFileSync(this.segmentFile(baseOffset, suffix));
  }

  cut(baseOffset: number, length: number): void {
    const fd = openSync(this.segmentFile(baseOffset), 'r+');
    ftruncateSync(fd, length);
    closeSync(fd);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function append(log: PartitionLog, shape: BatchShape = {}, wallMs = NOW): number {
  const batch = makeBatch(log.logEndOffset, shape);
  const last = log.logEndOffset + (shape.records ?? 1) - 1;
  const timestamp = shape.timestamp ?? NOW;
  return log.append(batch, 0, batch.length, last, timestamp, wallMs);
}

export function appendMany(log: PartitionLog, count: number, shape: BatchShape = {}): void {
  for (let i = 0; i < count; i++) {
    const outcome = append(log, shape);
    if (outcome !== OUTCOME.OK) throw new Error(`append answered ${outcome}`);
  }
}
