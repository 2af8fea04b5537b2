import { reasonOf } from '../../../base/errors.ts';
import { every } from '../../../base/every.ts';
import { inBackground } from '../../../base/in-background.ts';
import { unref } from '../../../base/unref.ts';
import { KafkaError } from '../../../client/errors/kafka-error.ts';
import { QueryError } from '../../queries/query-error.ts';
import { TaskLocks } from '../../state/disk/task-locks.ts';
import { parseTaskId } from '../../topology/task-id.ts';
import { type RunnableTopology, Streams } from '../streams.ts';
import type { StreamsOptions } from '../streams-options.ts';
import type {
  StoreAnswer,
  StoreQuestion,
  ThreadCommand,
  ThreadReport,
  ThreadSetup,
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

/** What a module with a topology gives. */
interface TopologyModule {
  readonly default?: RunnableTopology | (() => RunnableTopology | Promise<RunnableTopology>);
  /** Options that cannot go from thread to thread: handlers, serdes, extractors. */
  readonly options?: Partial<StreamsOptions>;
}

/** The end of a thread of `ThreadedStreams` that lies in the thread. */
export class ThreadSide {
  readonly #tell: (report: ThreadReport) => void;
  #app: Streams | null = null;
  #isPaused = false;
  /** Asked to close before the application was there. */
  #isOver = false;

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
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#tell({ kind: 'failed', error });
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
      case 'close': {
        this.#isOver = true;
        const closed = this.#app?.close({ timeoutMs: command.timeoutMs }) ?? Promise.resolve();
        inBackground(closed, (error) => this.#tell({ kind: 'failed', error }));
        break;
      }
      case 'measure': {
        const metrics = this.#app?.metrics.list() ?? [];
        this.#tell({ kind: 'measured', number: command.number, metrics });
        break;
      }
      case 'ask':
        this.#answer(command.number, command.question);
        break;
    }
  }

  async #make({ module, options, thread, processId, locks }: ThreadSetup): Promise<Streams> {
    const { default: given, options: own = {} } = (await import(module)) as TopologyModule;
    if (given === undefined) {
      const what = `module ${module} has no default export, which must be the topology`;
      throw new KafkaError('BAD_ARGUMENT', what);
    }
    const topology = typeof given === 'function' ? await given() : given;
    const share = { thread, processId, locks: new TaskLocks(thread, locks) };
    return new Streams(topology, { ...own, ...options, numStreamThreads: 1, thread: share });
  }

  #tellFigures(app: Streams): void {
    const { state, taskNames, restoredRows, droppedRecords } = app;
    this.#tell({ kind: 'figures', figures: { state, taskNames, restoredRows, droppedRecords } });
  }

  #answer(number: number, question: StoreQuestion): void {
    try {
      this.#tell({ kind: 'answers', number, answers: this.#answersTo(question) });
    } catch (thrown) {
      this.#tell({ kind: 'refused', number, reason: reasonOf(thrown) });
    }
  }

  #answersTo({ store: name, method, args }: StoreQuestion): StoreAnswer[] {
    if (!READS.has(method)) throw new KafkaError('BAD_ARGUMENT', `no question: ${method}`);
    const app = this.#app;
    if (app === null) return [];
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
