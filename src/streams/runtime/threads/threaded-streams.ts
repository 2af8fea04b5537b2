import { randomUUID } from 'node:crypto';
import { reasonOf } from '../../../base/errors.ts';
import { inBackground } from '../../../base/in-background.ts';
import { KafkaError, toKafkaError } from '../../../client/errors/kafka-error.ts';
import type { MeasuredMetric } from '../../../client/metrics/client-metrics.ts';
import { BackOff } from '../../../client/net/back-off.ts';
import { pause } from '../../../client/net/pause.ts';
import { StateDirectory } from '../../state/disk/state-directory.ts';
import { TaskLocks } from '../../state/disk/task-locks.ts';
import { StreamsError } from '../../tasks/streams-error.ts';
import { ApplicationState, type StateListener } from '../application-state.ts';
import { CLOSE_TIMEOUT_MS } from '../run-instances.ts';
import type { StreamsCloseOptions } from '../streams.ts';
import {
  readStreamsOptions,
  type StreamsOptions,
  type StreamsSettings,
} from '../streams-options.ts';
import { STREAMS_STATES, type StreamsState } from '../streams-state.ts';
import { StreamThread } from './stream-thread.ts';
import type { StoreAnswer, ThreadSetup } from './thread-messages.ts';

const STREAMS_GROUP = 'stream-metrics';
/** Locks are taken by threads from 1 on. */
const NO_THREAD = 0;

/** A thread as it is now. */
export interface ThreadView {
  readonly number: number;
  readonly state: StreamsState;
  readonly taskNames: readonly string[];
}

/**
 * Runs an application in several threads of this process (`num.stream.threads`), each with a loop,
 * clients and tasks of its own. Functions do not go from thread to thread, so each of them imports
 * the topology: the default export of a module, or what the function there returns. Options that
 * are or have functions are its export `options`.
 */
export class ThreadedStreams implements AsyncDisposable {
  readonly #module: string;
  readonly #given: StreamsOptions;
  readonly #settings: StreamsSettings;
  readonly #threads = new Map<number, StreamThread>();
  readonly #locks = new TaskLocks(NO_THREAD);
  readonly #backOff: BackOff;
  #directory: StateDirectory | null = null;
  #processId = '';
  readonly #state = new ApplicationState();
  #failure: unknown = null;
  #isPaused = false;
  #closing: Promise<void> | null = null;
  readonly #ended: Promise<void>;
  #onEnded!: () => void;
  #onRunning: (() => void) | null = null;

  /** Of the module: its URL, as `new URL('./topology.js', import.meta.url)`. */
  constructor(module: URL | string, options: StreamsOptions) {
    this.#module = String(module);
    this.#settings = readStreamsOptions(options);
    if (this.#settings.applicationServer !== null) {
      const what = `option 'applicationServer': threads do not answer others yet, but 'ask'`;
      throw new KafkaError('BAD_ARGUMENT', `${what}, or Streams with one thread`);
    }
    this.#given = withoutHandler(options);
    requireCloneable(this.#given);
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings;
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    this.#ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
  }

  /** Resolves once all threads have their tasks and they run; rejects with what ended it before. */
  async start(): Promise<this> {
    this.#state.requireNew();
    const { stateDir, applicationId, numStreamThreads } = this.#settings;
    this.#directory = stateDir === null ? null : new StateDirectory(stateDir, applicationId);
    this.#processId = this.#directory?.identity.processId ?? randomUUID();
    this.#state.become('REBALANCING');
    const started = new Promise<void>((resolve) => {
      this.#onRunning = resolve;
    });
    for (let number = 1; number <= numStreamThreads; number++) this.#startThread(number);
    await Promise.race([started, this.#ended]);
    if (this.#failure !== null) throw this.#failure;
    return this;
  }

  /** Where it is in its life: RUNNING where all threads are. */
  get state(): StreamsState {
    return this.#state.now;
  }

  /** What ended it; null while nothing did. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Tells of each change of state, until the function that it returns is called. */
  onState(listener: StateListener): () => void {
    return this.#state.listen(listener);
  }

  /** The threads that there are. */
  get threads(): ThreadView[] {
    return Array.from(this.#threads.values(), ({ number, figures }) => {
      return { number, state: figures.state, taskNames: figures.taskNames };
    });
  }

  /** The names of the tasks that are here, such as `0_3`. */
  get taskNames(): string[] {
    return this.threads.flatMap(({ taskNames }) => taskNames).toSorted();
  }

  /** How many rows of stores were read from changelogs by the threads that there are. */
  get restoredRows(): number {
    let sum = 0;
    for (const { figures } of this.#threads.values()) sum += figures.restoredRows;
    return sum;
  }

  /** How many records were left out, by node and reason. */
  get droppedRecords(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { figures } of this.#threads.values()) {
      for (const [name, count] of figures.droppedRecords) {
        sums.set(name, (sums.get(name) ?? 0) + count);
      }
    }
    return sums;
  }

  /**
   * The metrics of all threads now, as `Streams.metrics.list()` has those of one. The state is that
   * of the application.
   */
  async metrics(): Promise<MeasuredMetric[]> {
    const measured = Array.from(this.#threads.values(), (thread) => thread.measure());
    const [first = [], ...others] = await Promise.all(measured);
    const failed = this.#failure === null ? 0 : 1;
    const ofAll: Record<string, number> = {
      'client-state': STREAMS_STATES.indexOf(this.#state.now),
      'alive-stream-threads': this.#threads.size,
      'failed-stream-threads': failed,
    };
    const all = [
      first,
      ...others.map((list) =>
        list.filter(({ scope, group }) => {
          return scope !== 'client' || group !== STREAMS_GROUP;
        }),
      ),
    ].flat();
    return all.map((metric) => {
      const value = metric.group === STREAMS_GROUP ? ofAll[metric.name] : undefined;
      return value === undefined ? metric : { ...metric, value };
    });
  }

  /** Takes no records until `resume`. The threads stay in the group, and keep their tasks. */
  pause(): void {
    this.#setPaused(true);
  }

  /** Takes records again. */
  resume(): void {
    this.#setPaused(false);
  }

  /** Always an error: stores live in the threads, which can be asked. */
  store(name: string): never {
    const what = `store ${name} is in another thread: await ask('${name}', 'get', [key])`;
    throw new KafkaError('BAD_ARGUMENT', what);
  }

  /**
   * Calls a method of a store that reads, such as `get` or `range`, in each task that has it, and
   * gives what they say by partition. Lists come as arrays.
   */
  async ask(
    store: string,
    method: string,
    args: readonly unknown[] = [],
  ): Promise<readonly StoreAnswer[]> {
    const question = { store, method, args };
    const asked = Array.from(this.#threads.values(), (thread) => thread.ask(question));
    const answers = (await Promise.all(asked)).flat();
    return answers.sort((one, other) => one.partition - other.partition);
  }

  /** Starts one more, and returns its number. */
  addThread(): number {
    if (!this.#state.isAlive) {
      throw new KafkaError('BAD_ARGUMENT', `no thread can be added while it is ${this.#state.now}`);
    }
    let number = 1;
    while (this.#threads.has(number)) number++;
    this.#startThread(number);
    return number;
  }

  /** Closes one, by default the last, whose tasks go to the others. False where there is none. */
  async removeThread(number = Math.max(...this.#threads.keys())): Promise<boolean> {
    const thread = this.#threads.get(number);
    if (thread === undefined) return false;
    await thread.close(CLOSE_TIMEOUT_MS);
    return true;
  }

  /** Resolves when it has ended, by `close` or by a failure, which `failure` has. */
  ended(): Promise<void> {
    return this.#ended;
  }

  /** Commits what is done, leaves the group and closes, within a time. */
  close(options: StreamsCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #startThread(number: number): void {
    const setup: ThreadSetup = {
      module: this.#module,
      options: this.#given,
      thread: number,
      processId: this.#processId,
      locks: this.#locks.memory,
    };
    const thread = new StreamThread(setup, {
      onFigures: () => this.#onFigures(),
      onEnd: (ended, error) => this.#onEnd(ended, error),
    });
    this.#threads.set(number, thread);
    if (this.#isPaused) thread.setPaused(true);
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const thread of this.#threads.values()) thread.setPaused(isPaused);
  }

  #onFigures(): void {
    if (!this.#state.isAlive) return;
    const isRunning = this.threads.every(({ state }) => state === 'RUNNING');
    this.#state.become(isRunning ? 'RUNNING' : 'REBALANCING');
    if (!isRunning) return;
    this.#onRunning?.();
    this.#backOff.reset();
  }

  #onEnd(thread: StreamThread, error: unknown): void {
    this.#threads.delete(thread.number);
    this.#locks.releaseAll(thread.number);
    if (error === null) {
      this.#onFigures();
      return;
    }
    const what = `thread ${thread.number}: ${reasonOf(error)}`;
    const failure = new StreamsError(what, {}, error);
    const isOver = this.#closing !== null || this.#failure !== null;
    if (!isOver && this.#isReplaced(failure)) this.#replaceLater(thread.number);
    else this.#fail(failure);
  }

  #isReplaced(failure: unknown): boolean {
    return this.#settings.uncaughtExceptionHandler?.(failure) === 'replace-thread';
  }

  #replaceLater(number: number): void {
    this.#state.become('REBALANCING');
    const replaced = pause(this.#backOff.next()).then(() => {
      if (this.#closing === null && this.#failure === null) this.#startThread(number);
    });
    inBackground(replaced, (thrown) => this.#fail(thrown));
  }

  /** The other threads end too: the application is one. */
  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#state.become('ERROR');
    if (this.#closing !== null) return;
    inBackground(this.close(), (thrown) => this.#settings.onError(toKafkaError(thrown)));
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#state.now !== 'ERROR') this.#state.become('PENDING_SHUTDOWN');
    await Promise.all(Array.from(this.#threads.values(), (thread) => thread.close(timeoutMs)));
    this.#directory?.close();
    if (this.#failure === null) this.#state.become('NOT_RUNNING');
    this.#onEnded();
  }
}

/** It is asked in the thread that started the others. */
function withoutHandler(options: StreamsOptions): StreamsOptions {
  const names = ['uncaughtExceptionHandler', 'uncaught.exception.handler'];
  const kept = Object.entries(options).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept) as unknown as StreamsOptions;
}

/** What cannot be copied is named before a thread is started. */
function requireCloneable(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    try {
      structuredClone(value);
    } catch (thrown) {
      const what = `option '${name}' cannot go to another thread`;
      const how = 'the module of the topology exports such options as `options`';
      throw new KafkaError('BAD_ARGUMENT', `${what}: ${how}`, { cause: toKafkaError(thrown) });
    }
  }
}
