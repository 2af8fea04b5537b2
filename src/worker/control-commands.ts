import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isCorrupt, isSystemError, reasonOf } from '../base/errors.ts';
import { failPoint } from '../base/fail-point.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { isPassingError } from '../base/passing-errors.ts';
import type {
  ControlAnswer,
  ControlCommand,
  ControlKind,
  ControlRefusal,
  Election,
  LogSize,
  TopicPlaces,
} from '../exchange/control.ts';
import { LOG_SUFFIX } from '../log/file-names.ts';
import { storage } from '../log/storage.ts';
import type { Partition } from '../partition/partition.ts';
import type { Coordinators } from './coordinators/coordinators.ts';
import type { GroupCommands } from './groups/group-commands.ts';
import type { LogMoves } from './log-moves.ts';
import {
  type PartitionCommandKind,
  type PartitionCommandServices,
  PartitionCommands,
} from './partition-commands.ts';
import type { HostedPartition, PartitionHost } from './partition-host.ts';
import type { ReplicaCommands } from './replica-commands.ts';
import type { TransactionCommands } from './transactions/transaction-commands.ts';

/** The commands that are not about one open partition. */
type WorkerCommandKind = Exclude<ControlKind, PartitionCommandKind>;

type WorkerHandlers = {
  readonly [Kind in WorkerCommandKind]: (command: ControlCommand<Kind>) => ControlAnswer<Kind>;
};

export interface ControlServices extends PartitionCommandServices {
  readonly host: PartitionHost;
  readonly coordinators: Coordinators;
  readonly groups: GroupCommands;
  readonly replicas: ReplicaCommands;
  readonly moves: LogMoves;
  readonly transactions: TransactionCommands;
  /** Null where the log will not open. Throws where the system lacks something for the moment. */
  open(slot: number): Partition | null;
}

const OK = { error: ERROR.NONE } as const;
const NO_SUCH_PARTITION: ControlRefusal = {
  error: ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  reason: 'this worker has no such partition',
};
const OFFLINE: ControlRefusal = {
  error: ERROR.KAFKA_STORAGE_ERROR,
  reason: 'the partition is offline: see the log',
};

/** Carries out the commands that travel as JSON. */
export class ControlCommands {
  readonly #services: ControlServices;
  readonly #onPartition: PartitionCommands;
  readonly #handlers: WorkerHandlers = {
    create: ({ topic }) => this.#create(topic),
    configure: ({ slots, settings }) => {
      for (const slot of slots) this.#services.host.configure(slot, settings);
      return OK;
    },
    elect: ({ elections }) => {
      const { host, coordinators, tell } = this.#services;
      const held = elections.filter((each) => isHeld(each, host.hosted(each.slot)));
      coordinators.close(held.map(({ slot }) => slot));
      for (const election of elections) {
        const partition = host.elect(election);
        if (partition !== null) tell(partition);
        const { role, slot } = election;
        if (role === 'leader' && held.includes(election)) coordinators.onElected(slot);
      }
      return OK;
    },
    replication: (command) => this.#services.replicas.know(command),
    'replicas-fetched': (command) => this.#services.replicas.fetched(command),
    'in-sync-answered': (command) => this.#services.replicas.answered(command),
    follow: (command) => this.#services.replicas.follow(command),
    'leader-said': (command) => this.#services.replicas.leaderSaid(command),
    cut: (command) => this.#services.replicas.cut(command),
    'cut-at': (command) => this.#services.replicas.cutAt(command),
    'begin-anew': (command) => this.#services.replicas.beginAnew(command),
    'copy-begin': (command) => this.#services.moves.begin(command),
    'copy-pace': (command) => this.#services.moves.pace(command),
    'copy-end': (command) => this.#services.moves.end(command),
    'copy-finish': (command) => this.#services.moves.finish(command),
    'lose-directory': ({ logDir, reason }) => {
      this.#services.host.lose(logDir, reason);
      this.#services.moves.lost(logDir);
      return OK;
    },
    remove: ({ slots }) => {
      this.#services.coordinators.close(slots);
      this.#services.moves.removed(slots);
      for (const slot of slots) this.#services.host.remove(slot);
      return OK;
    },
    sizes: ({ slots }) => ({ error: ERROR.NONE, sizes: slots.map((slot) => this.#size(slot)) }),
    checkpoint: () => ({ error: ERROR.NONE, checkpoints: this.#services.host.checkpoints() }),
    'moved-watermarks': () => ({
      error: ERROR.NONE,
      moved: this.#services.host.movedWatermarks(),
    }),
    stop: () => {
      this.#services.moves.close();
      return { error: ERROR.NONE, checkpoints: this.#services.host.closeAll() };
    },
    'drop-coordination': ({ slot, ticket }) => {
      this.#services.coordinators.drop(slot, ticket);
      return OK;
    },
    'topics-changed': ({ changes }) => {
      this.#services.groups.topicsChanged(changes);
      return OK;
    },
    'transaction-census': () => {
      return { error: ERROR.NONE, census: this.#services.transactions.census() };
    },
    'transaction-rules': ({ rules }) => {
      this.#services.transactions.setRules(rules);
      return OK;
    },
    'producer-ids': ({ first, end }) => {
      this.#services.transactions.addProducerIds(first, end);
      return OK;
    },
    'markers-written': ({ outcomes }) => {
      this.#services.transactions.markersWritten(outcomes);
      return OK;
    },
    'group-rules': ({ rules }) => {
      this.#services.groups.setRules(rules);
      return OK;
    },
    groups: ({ load }) => {
      if (load) this.#services.groups.loadAll();
      return { error: ERROR.NONE, groups: this.#services.groups.summaries() };
    },
    'lower-offsets': ({ offsets }) => {
      this.#services.groups.lowerOffsets(offsets);
      return OK;
    },
    'log-rules': ({ producerExpiryMs, freeBytesMin }) => {
      this.#services.host.expireProducersAfter(producerExpiryMs);
      this.#services.host.spaces.bytesMin = freeBytesMin;
      return OK;
    },
  };

  constructor(services: ControlServices) {
    this.#services = services;
    this.#onPartition = new PartitionCommands(services);
  }

  /**
   * A disk that fails ends the service of the partition, not that of the broker. What only passes,
   * such as a lack of descriptors, fails this command and nothing else.
   */
  run(command: ControlCommand): ControlAnswer {
    try {
      if (this.#onPartition.isFor(command)) return this.#runOnPartition(command);
      // The table pairs each handler with its kind, which the compiler cannot follow here.
      const handler = this.#handlers[command.kind] as (command: ControlCommand) => ControlAnswer;
      return handler(command);
    } catch (thrown) {
      // A client may have stored what nobody can open: that is no defect of this thread.
      if (isCorrupt(thrown)) return { error: ERROR.CORRUPT_MESSAGE, reason: reasonOf(thrown) };
      if (!isSystemError(thrown)) throw thrown;
      const reason = `${command.kind}: ${reasonOf(thrown)}`;
      // Only the next opening completes a swap of files that was left half done.
      if (isPassingError(thrown) && command.kind !== 'finish-cleaning') {
        return { error: ERROR.KAFKA_STORAGE_ERROR, passing: true, reason };
      }
      if ('slot' in command) {
        this.#services.host.hosted(command.slot)?.partition?.log.fail(reason);
      }
      return { error: ERROR.KAFKA_STORAGE_ERROR, reason };
    }
  }

  #runOnPartition(command: ControlCommand<PartitionCommandKind>): ControlAnswer {
    const { host, open } = this.#services;
    if (host.hosted(command.slot) === undefined) return NO_SUCH_PARTITION;
    const partition = open(command.slot);
    return partition === null ? OFFLINE : this.#onPartition.run(partition, command);
  }

  #create(topic: TopicPlaces): ControlAnswer<'create'> {
    const { host, coordinators, transactions } = this.#services;
    host.register(topic);
    transactions.topicCreated(topic.name);
    // Opening a log makes its directory. These topics have fifty partitions of which a first group
    // uses one, and its first member waits for this command.
    if (coordinators.isTopic(topic.name)) return OK;
    for (const place of topic.partitions) {
      const hosted = host.hosted(place.slot);
      try {
        if (hosted !== undefined) storage.makeDirectory(hosted.directory);
        if (failPoint !== null) failPoint('create-after-directory');
      } catch (thrown) {
        // Where the system only lacks something for the moment, the first opening makes it as well.
        if (isPassingError(thrown)) return OK;
        return { error: ERROR.KAFKA_STORAGE_ERROR, reason: reasonOf(thrown) };
      }
    }
    return OK;
  }

  /** A log that was not opened since a clean stop, or was never written, is measured on disk. */
  #size(slot: number): LogSize {
    const hosted = this.#services.host.hosted(slot);
    if (hosted === undefined) return { slot, sizeBytes: 0, copy: null };
    const { partition, directory } = hosted;
    const sizeBytes = partition?.log.sizeBytes ?? logBytesIn(directory);
    return { slot, sizeBytes, copy: this.#services.moves.stateOf(slot) };
  }
}

/** False where only the replicas in sync are others than before. */
function isHeld({ role, leaderEpoch }: Election, before: HostedPartition | undefined): boolean {
  return before?.role !== role || before.leaderEpoch !== leaderEpoch;
}

/** 0 where the directory cannot be read: it may be in the course of removal. */
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
