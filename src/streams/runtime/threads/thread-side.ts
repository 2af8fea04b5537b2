import { reasonOf } from '../../../base/errors.ts';
import { every } from '../../../base/every.ts';
import { inBackground } from '../../../base/in-background.ts';
import { unref } from '../../../base/unref.ts';
import { KafkaError } from '../../../client/errors/kafka-error.ts';
import { QueryError } from '../../queries/query-error.ts';
import { TaskLocks } from '../../state/disk/task-locks.ts';
import { parseTaskId } from '../../topology/task-id.ts';
import { isShutdown } from '../run-instances.ts';
import { queriesOf, Streams } from '../streams.ts';
import { forwardingListener, type ListenerKind } from './listener-calls.ts';
import { loadTopology } from './load-topology.ts';
import type {
  StoreAnswer,
  StoreCall,
  ThreadCommand,
  ThreadQuestions,
  ThreadRefusal,
  ThreadReport,
  ThreadRequest,
  ThreadSetup,
  ThreadVerdict,
} from './thread-messages.ts';

const TELL_EVERY_MS = 500;

/** Calls of stores that read; all others would change what only the thread may change. */
const READS: ReadonlySet<string> = new Set([
  'get',
  'range',
  'reverseRange',
  'all',
  'reverseAll',
  'backwardAll',
  'prefixScan',
  'approximateSize',
  'fetch',
  'backwardFetch',
  'fetchRange',
  'backwardFetchRange',
  'fetchAll',
  'backwardFetchAll',
  'findSessions',
  'backwardFindSessions',
  'getAsOf',
  'versions',
]);

type Answer<Name extends keyof ThreadQuestions> =
  | ThreadQuestions[Name][1]
  | Promise<ThreadQuestions[Name][1]>;

/** How each question is answered, by a thread whose application is there. */
const ANSWERS: {
  readonly [Name in keyof ThreadQuestions]: (
    app: Streams,
    question: ThreadQuestions[Name][0],
  ) => Answer<Name>;
} = {
  call: callStores,
  query: (app, question) => queriesOf(app).answer(question),
  metrics: (app) => app.metrics.list(),
  figures: (app) => queriesOf(app).ownFigures(),
  metadata: (app) => app.metadataForLocalThreads(),
  lags: (app) => app.allLocalStorePartitionLags(),
  refresh: () => null,
};

/** The same where it has not begun. */
const EMPTY: Partial<{ readonly [Name in keyof ThreadQuestions]: ThreadQuestions[Name][1] }> = {
  call: [],
  metrics: [],
  figures: { nodes: [], tasks: [] },
  metadata: [],
  lags: new Map(),
  refresh: null,
};

/** The end of a thread of `ThreadedStreams` that lies in the thread. */
export class ThreadSide {
  readonly #tell: (report: ThreadReport) => void;
  #app: Streams | null = null;
  #isPaused = false;
  /** Asked to close before the application was there. */
  #isOver = false;
  readonly #listensTo = new Set<ListenerKind>();
  #onVerdict: ((verdict: ThreadVerdict) => void) | null = null;
  #isAsked = false;

  constructor(tell: (report: ThreadReport) => void) {
    this.#tell = tell;
  }

  /** Resolves when the application has ended. */
  async run(setup: ThreadSetup): Promise<void> {
    try {
      const app = await this.#make(setup);
      if (this.#isOver) return;
      this.#app = app;
      if (this.#isPaused) app.pause();
      for (const kind of this.#listensTo) this.#forward(app, kind);
      app.onState(() => this.#tellFigures(app));
      const telling = unref(
        every(
          TELL_EVERY_MS,
          () => this.#tellFigures(app),
          () => undefined,
        ),
      );
      await app.start();
      await app.ended();
      clearInterval(telling);
      if (app.failure !== null) throw app.failure;
      await app.close();
      this.#tellFigures(app);
    } catch (thrown) {
      await this.#app?.close({ timeoutMs: 5_000 });
      const isAsked = this.#isAsked || isShutdown(thrown);
      this.#tell({ kind: 'failed', error: errorOf(thrown), isAsked });
    }
  }

  take(command: ThreadCommand): void {
    switch (command.kind) {
      case 'pause':
        this.#isPaused = true;
        this.#app?.pause();
        break;
      case 'resume':
        this.#isPaused = false;
        this.#app?.resume();
        break;
      case 'shutdown-application':
        this.#app?.shutdownApplication();
        break;
      case 'listen':
        this.#listensTo.add(command.to);
        if (this.#app !== null) this.#forward(this.#app, command.to);
        break;
      case 'verdict':
        this.#onVerdict?.(command.verdict);
        break;
      case 'close': {
        this.#isOver = true;
        this.#onVerdict?.('shutdown-client');
        const closed = this.#app?.close({ timeoutMs: command.timeoutMs }) ?? Promise.resolve();
        inBackground(closed, (thrown) => {
          this.#tell({ kind: 'failed', error: errorOf(thrown), isAsked: true });
        });
        break;
      }
      case 'ask':
        inBackground(this.#answer(command), (thrown) => {
          const { number } = command;
          this.#tell({ kind: 'refused', number, refusal: refusalOf(thrown) });
        });
        break;
    }
  }

  async #make({ module, options, thread, processId, locks }: ThreadSetup): Promise<Streams> {
    const { topology, options: own } = await loadTopology(module);
    const share = { thread, processId, locks: new TaskLocks(thread, locks) };
    return new Streams(topology, {
      onError: ({ code, category, message }) => {
        this.#tell({ kind: 'error', error: { code, category, message } });
      },
      ...own,
      ...options,
      numStreamThreads: 1,
      thread: share,
      uncaughtExceptionHandler: (error) => this.#verdictOn(error),
    });
  }

  /** Asks whoever started the thread, before the instance leaves its group. */
  #verdictOn(error: unknown): Promise<ThreadVerdict> {
    this.#isAsked = true;
    return new Promise((resolve) => {
      this.#onVerdict = resolve;
      if (this.#isOver) resolve('shutdown-client');
      else this.#tell({ kind: 'uncaught', error: errorOf(error) });
    });
  }

  #forward(app: Streams, kind: ListenerKind): void {
    const listener = forwardingListener(kind, (call) => this.#tell({ kind: 'listener', call }));
    if (kind === 'restores') app.onRestore(listener);
    else app.onStandbyUpdate(listener);
  }

  #tellFigures(app: Streams): void {
    const { state, taskNames, restoredRows, droppedRecords } = app;
    const figures = { state, taskNames, restoredRows, droppedRecords, ...queriesOf(app).layout() };
    this.#tell({ kind: 'figures', figures });
  }

  async #answer({ number, name, question }: ThreadRequest): Promise<void> {
    this.#tell({ kind: 'answer', number, answer: await this.#answerTo(name, question) });
  }

  #answerTo(name: keyof ThreadQuestions, question: unknown): unknown {
    const app = this.#app;
    if (app !== null) {
      if (name === 'refresh') this.#tellFigures(app);
      return ANSWERS[name](app, question as never);
    }
    if (name in EMPTY) return EMPTY[name];
    throw new QueryError('QUERY_REBALANCING', 'the thread that has it begins');
  }
}

function callStores(app: Streams, { store: name, method, args }: StoreCall): StoreAnswer[] {
  if (!READS.has(method)) throw new KafkaError('BAD_ARGUMENT', `no question: ${method}`);
  const partitions = new Set(app.taskNames.map((task) => parseTaskId(task)!.partition));
  return [...partitions].flatMap((partition) => {
    const store = storeOf(app, name, partition);
    if (store === undefined) return [];
    const call = store[method];
    if (typeof call !== 'function') {
      throw new KafkaError('BAD_ARGUMENT', `store ${name} cannot be asked for ${method}`);
    }
    const given: unknown = call.apply(store, args);
    return [{ partition, result: isList(given) ? [...given] : given }];
  });
}

function storeOf(app: Streams, name: string, partition: number) {
  try {
    const store = app.customStore(name, { partitions: [partition] });
    return store as unknown as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    // No task with it runs in this thread.
    if (thrown instanceof QueryError) return undefined;
    throw thrown;
  }
}

function isList(given: unknown): given is Iterable<unknown> {
  if (typeof given !== 'object' || given === null || given instanceof Uint8Array) return false;
  return Symbol.iterator in given;
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function refusalOf(thrown: unknown): ThreadRefusal {
  const reason = reasonOf(thrown);
  if (!(thrown instanceof QueryError)) return { reason, code: null, host: null };
  return { reason, code: thrown.code, host: thrown.host };
}
