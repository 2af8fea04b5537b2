import { ERROR } from '../base/kafka-errors.ts';
import type {
  ControlAnswer,
  ControlCommand,
  ControlKind,
  PartitionState,
  ProducerPlace,
  TransactionHolder,
} from '../exchange/control.ts';
import type { CleanedSegment } from '../log/compaction/cleaning.ts';
import type { ProducerState } from '../log/producer-state.ts';
import type { Partition } from '../partition/partition.ts';

/** The commands about one partition, whose log must be open. */
export type PartitionCommandKind =
  | 'load'
  | 'offset-for-time'
  | 'offset-of-max-time'
  | 'end-of-epoch'
  | 'first-epoch'
  | 'delete-records'
  | 'low-watermark'
  | 'producers'
  | 'transaction-holder'
  | 'take-offline'
  | 'check-files'
  | 'plan-cleaning'
  | 'request-verification'
  | 'finish-cleaning';

type PartitionHandlers = {
  readonly [Kind in PartitionCommandKind]: (
    partition: Partition,
    command: ControlCommand<Kind>,
  ) => ControlAnswer<Kind>;
};

export interface PartitionCommandServices {
  /** Tells the front of a state that changed without an append. */
  tell(partition: Partition): void;
  wallMs(): number;
}

const FENCED = {
  error: ERROR.INVALID_PRODUCER_EPOCH,
  reason: 'a newer epoch of the producer has written to this partition',
} as const;

const NOT_LEADING = {
  error: ERROR.NOT_LEADER_OR_FOLLOWER,
  reason: 'another node leads the partition',
} as const;

/** Carries out the control commands about one partition. */
export class PartitionCommands {
  readonly #services: PartitionCommandServices;
  readonly #handlers: PartitionHandlers = {
    load: (partition) => ({
      error: ERROR.NONE,
      segments: partition.log.segments(),
      state: stateOf(partition),
    }),
    'offset-for-time': ({ log }, { timestampMs, fromOffset }) => ({
      error: ERROR.NONE,
      found: log.offsetForTimestamp(timestampMs, fromOffset),
    }),
    'offset-of-max-time': ({ log }) => ({ error: ERROR.NONE, found: log.maxTimestampOffset() }),
    'end-of-epoch': ({ log }, { leaderEpoch }) => {
      const { epochs } = log;
      epochs.endOffsetFor(leaderEpoch, log.logEndOffset);
      const { foundEpoch, foundEndOffset } = epochs;
      return { error: ERROR.NONE, leaderEpoch: foundEpoch, offset: foundEndOffset };
    },
    'first-epoch': ({ log }) => ({ error: ERROR.NONE, leaderEpoch: log.epochs.first }),
    'delete-records': (partition, { offset }) => this.#deleteRecords(partition, offset),
    'low-watermark': ({ role, logStartOffset }) => {
      if (!role.isLeader) return NOT_LEADING;
      const offset = role.replication?.lowWatermark(logStartOffset) ?? logStartOffset;
      return { error: ERROR.NONE, offset };
    },
    producers: ({ log }) => ({ error: ERROR.NONE, producers: describeProducers(log.producers) }),
    'transaction-holder': ({ log }) => ({ error: ERROR.NONE, holder: holderOf(log.producers) }),
    'take-offline': ({ log }, { reason }) => {
      log.fail(reason);
      return { error: ERROR.NONE };
    },
    'check-files': ({ log }) => {
      log.checkFiles();
      return { error: ERROR.NONE };
    },
    'plan-cleaning': ({ log, limits }) => ({
      error: ERROR.NONE,
      cleaning: log.cleaningPlan(limits.lastStable.offset),
    }),
    'request-verification': (partition, asked) => {
      const { producerId, producerEpoch, sequence, bumpsEpoch } = asked;
      const wallMs = this.#services.wallMs();
      const guard = partition.requestVerification(
        producerId,
        producerEpoch,
        sequence,
        bumpsEpoch,
        wallMs,
      );
      return guard < 0 ? FENCED : { error: ERROR.NONE, guard };
    },
    'finish-cleaning': ({ log }, { cleaned }) => {
      const segments = cleaned as readonly CleanedSegment[];
      return {
        error: ERROR.NONE,
        outdated: !log.finishCleaning(segments, this.#services.wallMs()),
      };
    },
  };

  constructor(services: PartitionCommandServices) {
    this.#services = services;
  }

  isFor(command: ControlCommand): command is ControlCommand<PartitionCommandKind> {
    return command.kind in this.#handlers;
  }

  run(partition: Partition, command: ControlCommand<PartitionCommandKind>): ControlAnswer {
    // The table pairs each handler with its kind, which the compiler cannot follow here.
    const handler = this.#handlers[command.kind] as (
      partition: Partition,
      command: ControlCommand,
    ) => ControlAnswer<ControlKind>;
    return handler(partition, command);
  }

  #deleteRecords(partition: Partition, offset: number): ControlAnswer<'delete-records'> {
    if (!partition.role.isLeader) return NOT_LEADING;
    const target = offset === -1 ? partition.highWatermark : offset;
    if (target < 0 || target > partition.highWatermark) {
      return {
        error: ERROR.OFFSET_OUT_OF_RANGE,
        reason: `offset ${offset} is not between 0 and the high watermark`,
      };
    }
    try {
      partition.log.deleteRecordsBefore(target, this.#services.wallMs());
    } finally {
      partition.logStartMoved();
      this.#services.tell(partition);
    }
    return { error: ERROR.NONE, offset: partition.logStartOffset };
  }
}

function stateOf(partition: Partition): PartitionState {
  const { slot, logStartOffset, logEnd, limits, abortedCount } = partition;
  return { slot, logStartOffset, logEnd, limits, abortedCount };
}

function holderOf(producers: ProducerState): TransactionHolder | null {
  const { first } = producers.transactions;
  if (first === null) return null;
  const { producerId, firstOffset } = first;
  return { producerId, producerEpoch: producers.entry(producerId)?.epoch ?? -1, firstOffset };
}

function describeProducers(producers: ProducerState): ProducerPlace[] {
  return Array.from(producers.entries(), (entry) => ({
    producerId: entry.producerId,
    producerEpoch: entry.epoch,
    lastSequence: entry.lastSequence,
    lastTimestamp: entry.lastTimestamp,
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnStartOffset: entry.currentTxnFirstOffset,
  }));
}
