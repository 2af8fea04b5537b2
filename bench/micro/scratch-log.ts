/** A partition on a temporary directory, with the settings that a topic has by default. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogSettings } from '#millrace/base/log-settings';
import { silentLogger } from '#millrace/base/logger';
import type { LogListener } from '#millrace/log/log-options';
import { PartitionLog } from '#millrace/log/partition-log';
import { Partition } from '#millrace/partition/partition';

const DAY_MS = 86_400_000;

const SETTINGS: LogSettings = {
  segmentBytes: 128 * 1024 * 1024,
  segmentMs: 7 * DAY_MS,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  retentionMs: 7 * DAY_MS,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  maxMessageBytes: 1_048_588,
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

export class ScratchLog {
  readonly partition: Partition;
  readonly directory: string;
  readonly #folder: string;

  constructor(listener: LogListener) {
    this.#folder = mkdtempSync(join(tmpdir(), 'millrace-micro-'));
    this.directory = join(this.#folder, 'bench-0');
    const log = PartitionLog.open({
      directory: this.directory,
      topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
      settings: SETTINGS,
      logStartOffset: 0,
      recoveryPoint: 0,
      producerExpirationMs: DAY_MS,
      maxProducers: 1000,
      wallMs: Date.now(),
      logger: silentLogger,
      listener,
    });
    this.partition = new Partition(0, log, SETTINGS);
    this.partition.becomeLeader(0);
  }

  remove(): void {
    this.partition.log.close(false);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const ignoringListener: LogListener = {
  segmentAdded() {},
  segmentRemoved() {},
  failed(reason) {
    throw new Error(reason);
  },
};
