import { reasonOf } from '../../../base/errors.ts';
import { every } from '../../../base/every.ts';
import { inBackground } from '../../../base/in-background.ts';
import { unref } from '../../../base/unref.ts';
import { toKafkaError } from '../../../client/errors/kafka-error.ts';
import { BackOff } from '../../../client/net/back-off.ts';
import { pause } from '../../../client/net/pause.ts';
import { TaskLocks } from '../../state/disk/task-locks.ts';
import { StreamsError } from '../../tasks/streams-error.ts';
import { Listeners, type RestoreListener, type StandbyListener } from '../restore-listener.ts';
import { StallWatch, type Wait } from '../stall-watch.ts';
import type { StreamsSettings } from '../streams-options.ts';
import { callListener, type ListenerKind } from './listener-calls.ts';
import { StreamThread } from './stream-thread.ts';
import type { ThreadQuestions, ThreadSetup } from './thread-messages.ts';

/** Locks are taken by threads from 1 on, and by what removes the state that none of them has. */
const CLEANER = -1;
const LOOK_MS = 1_000;

/** What the application says and is told about its threads. */
export interface ThreadSetHost {
  readonly settings: StreamsSettings;
  /** Whether it ends: no thread takes the place of another any more. */
  readonly isOver: boolean;
  setupOf(number: number, locks: SharedArrayBuffer): ThreadSetup;
  onFigures(thread: StreamThread): void;
  /** It has ended without an error. */
  onGone(thread: StreamThread): void;
  /** It has failed, and another one takes its place soon. */
  onReplaced(thread: StreamThread): void;
  /** A thread has failed, and with it the application. */
  onFailure(error: unknown): void;
}

/** The threads of an application: those that there are, and what becomes of those that fail. */
export class ThreadSet {
  readonly #host: ThreadSetHost;
  readonly #threads = new Map<number, StreamThread>();
  readonly #locks = new TaskLocks(CLEANER);
  readonly #backOff: BackOff;
  /** Threads that failed, and whose place another one takes. */
  readonly #replaced = new WeakSet<StreamThread>();
  readonly #listeners: Record<ListenerKind, Listeners<RestoreListener & StandbyListener>>;
  readonly #listensTo = new Set<ListenerKind>();
  readonly #stalls: StallWatch;
  #looking: NodeJS.Timeout | null = null;
  #isPaused = false;

  constructor(host: ThreadSetHost) {
    this.#host = host;
    const { retryBackoffMs, retryBackoffMaxMs, onError } = host.settings;
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    const onFailure = (thrown: unknown) => onError(toKafkaError(thrown));
    this.#stalls = new StallWatch(host.settings);
    this.#listeners = { restores: new Listeners(onFailure), standbys: new Listeners(onFailure) };
  }

  /** Those of whoever removes state that no thread uses. */
  get cleanerLocks(): TaskLocks {
    return this.#locks;
  }

  all(): StreamThread[] {
    return [...this.#threads.values()];
  }

  get(number: number): StreamThread | undefined {
    return this.#threads.get(number);
  }

  /** Starts one more, under the lowest number that is free. */
  add(): number {
    let number = 1;
    while (this.#threads.has(number)) number++;
    this.start(number);
    return number;
  }

  start(number: number): void {
    const host = this.#host;
    this.#looking ??= this.#look();
    const thread = new StreamThread(host.setupOf(number, this.#locks.memory), {
      onFigures: (told) => host.onFigures(told),
      onListenerCall: (call) => {
        this.#listeners[call.kind].tell((listener) => callListener(listener, call));
      },
      onError: (error) => host.settings.onError(error),
      onUncaught: (failed, error) => {
        inBackground(this.#judge(failed, error), (thrown) => host.onFailure(thrown));
      },
      onEnd: (ended, error) => this.#onEnd(ended, error),
    });
    this.#threads.set(number, thread);
    if (this.#isPaused) thread.setPaused(true);
    for (const kind of this.#listensTo) thread.listen(kind);
  }

  /** All of them run: the next failure is the first one again. */
  onRunning(): void {
    this.#backOff.reset();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const thread of this.#threads.values()) thread.setPaused(isPaused);
  }

  /** Threads tell nothing that nobody listens to. */
  listen(kind: ListenerKind, listener: RestoreListener & StandbyListener): () => void {
    if (!this.#listensTo.has(kind)) {
      this.#listensTo.add(kind);
      for (const thread of this.#threads.values()) thread.listen(kind);
    }
    return this.#listeners[kind].add(listener);
  }

  /** What each of them says. */
  askAll<Name extends keyof ThreadQuestions>(
    name: Name,
    question: ThreadQuestions[Name][0],
  ): Promise<ThreadQuestions[Name][1][]> {
    return Promise.all(this.all().map((thread) => thread.ask(name, question)));
  }

  /** Any member of the group can ask all others to end. */
  shutdownApplication(): void {
    const [first] = this.#threads.values();
    first?.shutdownApplication();
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#looking !== null) clearInterval(this.#looking);
    await Promise.all(this.all().map((thread) => thread.close(timeoutMs)));
  }

  #look(): NodeJS.Timeout {
    const { onError } = this.#host.settings;
    const look = () => this.#stalls.look(this.#silent());
    return unref(every(LOOK_MS, look, (thrown) => onError(toKafkaError(thrown))));
  }

  /** Threads tell what they have twice a second, unless a call keeps them. */
  #silent(): Wait[] {
    return this.all().map(({ number, figures, heardMs: sinceMs }) => {
      const tasks = figures.taskNames.length === 0 ? '' : ` with tasks ${figures.taskNames.join()}`;
      const cause = 'a call of a source, node or store does not return, or it is being started';
      return { sinceMs, what: `thread ${number}${tasks} was not heard of: ${cause}` };
    });
  }

  /** The thread is still in its group: it can tell the other instances to end. */
  async #judge(thread: StreamThread, error: unknown): Promise<void> {
    const answer = this.#host.isOver ? 'shutdown-client' : await this.#answerTo(thread, error);
    if (answer === 'replace-thread') this.#replaced.add(thread);
    thread.judge(answer === 'shutdown-application' ? answer : 'shutdown-client');
  }

  async #answerTo(thread: StreamThread, error: unknown) {
    const { uncaughtExceptionHandler } = this.#host.settings;
    return (await uncaughtExceptionHandler?.(failureOf(thread, error))) ?? 'shutdown-client';
  }

  #onEnd(thread: StreamThread, error: unknown): void {
    this.#threads.delete(thread.number);
    this.#locks.releaseAll(thread.number);
    if (error === null) this.#host.onGone(thread);
    else inBackground(this.#onFailed(thread, error), (thrown) => this.#host.onFailure(thrown));
  }

  async #onFailed(thread: StreamThread, error: unknown): Promise<void> {
    const host = this.#host;
    if (!host.isOver && !thread.isJudged) {
      // A thread that was put to an end could not ask before.
      const answer = await this.#answerTo(thread, error);
      if (answer === 'replace-thread') this.#replaced.add(thread);
      if (answer === 'shutdown-application') this.shutdownApplication();
    }
    if (!this.#replaced.delete(thread) || host.isOver) {
      host.onFailure(failureOf(thread, error));
      return;
    }
    host.onReplaced(thread);
    await pause(this.#backOff.next());
    if (!host.isOver) this.start(thread.number);
  }
}

function failureOf({ number }: StreamThread, error: unknown): StreamsError {
  return new StreamsError(`thread ${number}: ${reasonOf(error)}`, {}, error);
}
