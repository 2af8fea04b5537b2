import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isCorrupt, isSystemError, reasonOf } from '../base/errors.ts';
import { failPoint } from '../base/fail-point.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { isPassingError } from '../base/passing-errors.ts';
import type {
  ControlAnswer,
  ControlCommand,
  PartitionState,
  ProducerPlace,
  TopicPlaces,
} from '../exchange/control.ts';
import type { CleanedSegment } from '../log/compaction/cleaning.ts';
import { LOG_SUFFIX } from '../log/file-names.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import type { ProducerState } from '../log/producer-state.ts';
import { storage } from '../log/storage.ts';
import type { Partition } from '../partition/partition.ts';
import type { Coordinators } from './coordinators/coordinators.ts';
import type { FreeSpace } from './free-space.ts';
import type { GroupCommands } from './groups/group-commands.ts';
import type { PartitionHost } from './partition-host.ts';

function stateOf({ slot, logStartOffset, logEnd, limits }: Partition): PartitionState {
  return { slot, logStartOffset, logEnd, limits };
}

function describeProducers(producers: ProducerState): ProducerPlace[] {
  return Array.from(producers.entries(), (entry) => ({
    producerId: entry.producerId,
    producerEpoch: entry.epoch,
    lastSequence: entry.lastSequence,
    lastTimestamp: entry.lastTimestamp,
    currentTxnStartOffset: entry.currentTxnFirstOffset,
  }));
}

/** 0 where the directory cannot be read: it may be on its way out. */
function logBytesIn(directory: string): number {
  let sizeBytes = 0;
  try {
    for (const name of readdirSync(directory)) {
      if (name.endsWith(LOG_SUFFIX)) sizeBytes += statSync(join(directory, name)).size;
    }
  } catch {
    return 0;
  }
  return sizeBytes;
}

const OK: ControlAnswer = { error: 0 };
const NO_SUCH_PARTITION: ControlAnswer = {
  error: ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  reason: 'this worker has no such partition',
};
const OFFLINE: ControlAnswer = {
  error: ERROR.KAFKA_STORAGE_ERROR,
  reason: 'the partition is offline: see the log',
};

/** The commands that travel as JSON. */
export class ControlCommands {
  readonly #host: PartitionHost;
  /** Throws where the system lacks something for the moment. */
  readonly #open: (slot: number) => Partition | null;
  readonly #tell: (partition: Partition) => void;
  readonly #wallMs: () => number;
  readonly #coordinators: Coordinators;
  readonly #groups: GroupCommands;
  readonly #space: FreeSpace;

  constructor(
    host: PartitionHost,
    space: FreeSpace,
    coordinators: Coordinators,
    groups: GroupCommands,
    open: (slot: number) => Partition | null,
    tell: (partition: Partition) => void,
    wallMs: () => number,
  ) {
    this.#wallMs = wallMs;
    this.#coordinators = coordinators;
    this.#groups = groups;
    this.#space = space;
    this.#host = host;
    this.#open = open;
    this.#tell = tell;
  }

  /**
   * A disk that fails ends the partition's service, not that of the broker. What only passes, such
   * as a lack of descriptors, fails this command and nothing else.
   */
  run(command: ControlCommand): ControlAnswer {
    try {
      return this.#run(command);
    } catch (thrown) {
      // What a client stored and nobody can open is no defect of this thread.
      if (isCorrupt(thrown)) {
        return { error: ERROR.CORRUPT_MESSAGE, reason: reasonOf(thrown) };
      }
      if (!isSystemError(thrown)) throw thrown;
      const reason = `${command.kind}: ${reasonOf(thrown)}`;
      // Of a swap of files that was left half done, only the next opening makes a whole.
      if (isPassingError(thrown) && command.kind !== 'finish-cleaning') {
        return { error: ERROR.KAFKA_STORAGE_ERROR, passing: true, reason };
      }
      if ('slot' in command) this.#host.tenant(command.slot)?.partition?.log.fail(reason);
      return { error: ERROR.KAFKA_STORAGE_ERROR, reason };
    }
  }

  #run(command: ControlCommand): ControlAnswer {
    switch (command.kind) {
      case 'create':
        return this.#create(command.topic);
      case 'configure':
        for (const slot of command.slots) this.#host.configure(slot, command.settings);
        return OK;
      case 'remove':
        this.#coordinators.close(command.slots);
        for (const slot of command.slots) this.#host.remove(slot);
        return OK;
      case 'sizes':
        return { error: 0, sizes: command.slots.map((slot) => this.#size(slot)) };
      case 'checkpoint':
        return { error: 0, checkpoints: this.#host.checkpoints() };
      case 'stop':
        return { error: 0, checkpoints: this.#host.closeAll() };
      case 'drop-coordination':
        this.#coordinators.drop(command.slot, command.ticket);
        return OK;
      case 'topic-news':
        this.#groups.hear(command.news);
        return OK;
      case 'groups':
        if (command.load) this.#groups.loadAll();
        return { error: 0, groups: this.#groups.summaries() };
      case 'lower-offsets':
        this.#groups.lowerOffsets(command.offsets);
        return OK;
      case 'group-rules':
        this.#groups.setRules(command.rules);
        return OK;
      case 'log-rules':
        this.#host.expireProducersAfter(command.producerExpiryMs);
        this.#space.bytesMin = command.freeBytesMin;
        return OK;
      default:
        return this.#onPartition(command);
    }
  }

  #create(topic: TopicPlaces): ControlAnswer {
    this.#host.register(topic);
    // Opening a log makes its directory. These topics have fifty partitions of which a first group
    // uses one, and its first member waits for this command.
    if (this.#coordinators.isTopic(topic.name)) return OK;
    for (const place of topic.partitions) {
      const tenant = this.#host.tenant(place.slot);
      try {
        if (tenant !== undefined) storage.makeDirectory(tenant.directory);
        if (failPoint !== null) failPoint('create-after-directory');
      } catch (thrown) {
        // Where the system only lacks something for the moment, the first opening makes it as well.
        if (isPassingError(thrown)) return OK;
        return { error: ERROR.KAFKA_STORAGE_ERROR, reason: reasonOf(thrown) };
      }
    }
    return OK;
  }

  /** A log that was not opened since a clean stop, or was never written, is measured as it lies. */
  #size(slot: number): { slot: number; sizeBytes: number } {
    const tenant = this.#host.tenant(slot);
    if (tenant === undefined) return { slot, sizeBytes: 0 };
    const { partition, directory } = tenant;
    return { slot, sizeBytes: partition?.log.sizeBytes ?? logBytesIn(directory) };
  }

  #onPartition(command: ControlCommand & { readonly slot: number }): ControlAnswer {
    if (this.#host.tenant(command.slot) === undefined) return NO_SUCH_PARTITION;
    const partition = this.#open(command.slot);
    if (partition === null) return OFFLINE;
    const log = partition.log;
    switch (command.kind) {
      case 'load':
        return { error: 0, segments: log.segments(), state: stateOf(partition) };
      case 'offset-for-time':
        return { error: 0, ...log.offsetForTimestamp(command.timestampMs, command.fromOffset) };
      case 'offset-of-max-time':
        return { error: 0, ...log.maxTimestampOffset() };
      case 'end-of-epoch':
        log.epochs.endOffsetFor(command.leaderEpoch, log.logEndOffset);
        return {
          error: 0,
          leaderEpoch: log.epochs.foundEpoch,
          offset: log.epochs.foundEndOffset,
        };
      case 'first-epoch':
        return { error: 0, leaderEpoch: log.epochs.first };
      case 'producers':
        return { error: 0, producers: describeProducers(log.producers) };
      case 'plan-cleaning':
        return { error: 0, cleaning: log.cleaningPlan(partition.highWatermark) };
      case 'finish-cleaning':
        return this.#finishCleaning(log, command.cleaned as readonly CleanedSegment[]);
      case 'check-files':
        log.checkFiles();
        return OK;
      case 'take-offline':
        log.fail(command.reason);
        return OK;
      case 'delete-records':
        return this.#deleteRecords(partition, command.offset);
      default:
        return { error: ERROR.NOT_LEADER_OR_FOLLOWER, reason: `unknown ${command.kind}` };
    }
  }

  #finishCleaning(log: PartitionLog, cleaned: readonly CleanedSegment[]): ControlAnswer {
    return { error: 0, outdated: !log.finishCleaning(cleaned, this.#wallMs()) };
  }

  #deleteRecords(partition: Partition, offset: number): ControlAnswer {
    const target = offset === -1 ? partition.highWatermark : offset;
    if (target < 0 || target > partition.highWatermark) {
      return {
        error: ERROR.OFFSET_OUT_OF_RANGE,
        reason: `offset ${offset} is not between 0 and the high watermark`,
      };
    }
    try {
      partition.log.deleteRecordsBefore(target, this.#wallMs());
    } finally {
      this.#tell(partition);
    }
    return { error: 0, offset: partition.logStartOffset };
  }
}
