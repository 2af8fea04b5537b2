import { expect, it } from 'vitest';
import { KafkaError } from '#millrace/client/errors/kafka-error';
import { partitionName, type TopicPartition } from '#millrace/client/topic-partition';
import { FaultPatience } from '#millrace/streams/runtime/fault-patience';
import { StreamLoop } from '#millrace/streams/runtime/stream-loop';
import { WakeSignal } from '#millrace/streams/runtime/wake-signal';
import { until } from '../../support/until.ts';

const AT: TopicPartition = { topic: 'input', partition: 0 };
const LOST = new KafkaError('NETWORK_EXCEPTION', 'the broker is gone');

/** A task of one partition, whose stores are being restored. */
interface Life {
  readonly isRunning: boolean;
  readonly task: { readonly wantsCommit: false };
  readonly queues: readonly TopicPartition[];
}

/** A running task that has nothing to do, and whose stores have written so much. */
function runningLife(state: { openRows: number }): Life {
  const never = Number.POSITIVE_INFINITY;
  const task = {
    wantsCommit: false,
    needsCommit: true,
    unfinished: 0,
    nextClockTime: never,
    nextSettleTime: never,
    idleLookMs: never,
    group: { hasRecords: false },
    settle: () => false,
    advanceIdle: () => false,
    process: () => false,
  } as const;
  return { isRunning: true, task, queues: [], state } as Life;
}

/** A loop without clients. */
class Harness {
  readonly tasks = new Map<string, Life>();
  /** How often tasks were made. */
  additions = 0;
  commits = 0;
  turns = 0;
  readonly errors: unknown[] = [];
  /** What the next turn, or the next abort, fails with. */
  turnFault: unknown = null;
  abortFault: unknown = null;
  readonly loop: StreamLoop;
  readonly #run: Promise<void>;

  constructor() {
    const { tasks } = this;
    const core = { throwFailure: () => undefined };
    const settings = {
      onError: (error: unknown) => this.errors.push(error),
      commitIntervalMs: 60_000,
      bufferedRecordsPerPartition: 1,
      producer: {},
      taskTimeoutMs: 60_000,
      retryBackoffMs: 1,
      retryBackoffMaxMs: 1,
    };
    const tally = { add: () => undefined };
    this.loop = new StreamLoop({
      settings,
      reader: {
        core,
        sessionMs: 60_000,
        state: () => undefined,
        wasHeardSince: () => true,
        committed: (partitions: readonly TopicPartition[]) => Promise.resolve(partitions),
      },
      tasks: {
        processed: 0,
        all: () => tasks.values(),
        reading: (partitions: readonly TopicPartition[]) =>
          partitions.flatMap((at) => tasks.get(partitionName(at)) ?? []),
        startRestored: () => false,
        add: async (partitions: readonly TopicPartition[]) => {
          await Promise.resolve();
          for (const at of partitions) {
            const task = { wantsCommit: false } as const;
            tasks.set(partitionName(at), { isRunning: false, task, queues: [at] });
          }
          this.additions++;
        },
        remove: (lives: Iterable<Life>) => {
          for (const { queues } of [...lives]) tasks.delete(partitionName(queues[0]!));
        },
      },
      restorer: {
        core,
        step: () => {
          this.turns++;
          return false;
        },
      },
      globals: { core, step: () => false },
      output: {
        isFull: false,
        throwFailure: () => this.#throw('turnFault'),
      },
      committer: {
        isShared: true,
        begin: () => Promise.resolve(),
        commit: () => {
          this.commits++;
          return Promise.resolve();
        },
        settled: () => Promise.resolve(),
        abort: async () => {
          await Promise.resolve();
          this.#throw('abortFault');
        },
      },
      wake: new WakeSignal(),
      patience: new FaultPatience(settings as never),
      meter: { assigned: tally, revoked: tally, lost: tally, onCommitted: () => undefined },
      learnTopics: () => Promise.resolve(),
      requireTopics: () => Promise.resolve(),
      onChange: () => undefined,
    } as never);
    this.#run = this.loop.run();
  }

  async end(): Promise<void> {
    this.loop.end();
    await this.#run;
  }

  #throw(which: 'turnFault' | 'abortFault'): void {
    const fault = this[which];
    this[which] = null;
    if (fault !== null) throw fault;
  }
}

it('makes a task anew whose partitions the reader does not have yet', async () => {
  const harness = new Harness();
  await harness.loop.onAssigned([AT]);
  harness.turnFault = LOST;
  harness.loop.setReady(true);
  await until('tasks are made anew', () => Promise.resolve(harness.additions === 2));
  expect([...harness.tasks.keys()]).toEqual(['input-0']);
  await harness.end();
});

it('keeps no task of partitions that are lost, be the transaction aborted or not', async () => {
  const harness = new Harness();
  await harness.loop.onAssigned([AT]);
  harness.abortFault = LOST;
  await harness.loop.onLost([AT]);
  expect(harness.errors).toEqual([LOST]);
  expect(harness.tasks.size).toBe(0);
  await harness.end();
});

it('commits before its interval where a task has written very many rows', async () => {
  const harness = new Harness();
  const state = { openRows: 1_000 };
  harness.tasks.set('input-0', runningLife(state));
  const before = harness.turns;
  harness.loop.setReady(true);
  await until('a turn is over', () => Promise.resolve(harness.turns > before));
  expect(harness.commits).toBe(0);
  state.openRows = 300_000;
  harness.loop.setReady(true);
  await until('it commits', () => Promise.resolve(harness.commits > 0));
  state.openRows = 0;
  await harness.end();
});
