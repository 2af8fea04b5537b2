import type { Worker } from 'node:worker_threads';
import { KafkaError } from '../../../client/errors/kafka-error.ts';
import type { MeasuredMetric } from '../../../client/metrics/client-metrics.ts';
import { within } from '../../../client/net/within.ts';
import { startThread } from '../../start-thread.ts';
import type {
  StoreAnswer,
  StoreQuestion,
  ThreadCommand,
  ThreadFigures,
  ThreadReport,
  ThreadSetup,
} from './thread-messages.ts';

/** Told of what a thread does. */
export interface ThreadEvents {
  onFigures(thread: StreamThread): void;
  /** It is over: null where it was closed. */
  onEnd(thread: StreamThread, error: unknown): void;
}

interface Question {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The end of a thread that lies with whoever started it. */
export class StreamThread {
  readonly number: number;
  figures: ThreadFigures = {
    state: 'CREATED',
    taskNames: [],
    restoredRows: 0,
    droppedRecords: new Map(),
  };
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #error: unknown = null;

  constructor(setup: ThreadSetup, events: ThreadEvents) {
    this.number = setup.thread;
    this.#worker = startThread(setup);
    this.#worker.on('message', (report: ThreadReport) => {
      this.#take(report);
      if (report.kind === 'figures') events.onFigures(this);
    });
    this.#worker.on('error', (error) => {
      this.#error ??= error;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#rejectAll();
        events.onEnd(this, this.#error);
        resolve();
      });
    });
  }

  setPaused(isPaused: boolean): void {
    this.#tell({ kind: isPaused ? 'pause' : 'resume' });
  }

  /** What its tasks' stores say; nothing where it has none of that name. */
  ask(question: StoreQuestion): Promise<readonly StoreAnswer[]> {
    return this.#request((number) => ({ kind: 'ask', number, question }));
  }

  /** Its metrics now; none where it has not begun. */
  measure(): Promise<MeasuredMetric[]> {
    return this.#request((number) => ({ kind: 'measure', number }));
  }

  /** Resolves when it has ended: by itself within the time, or put to an end. */
  async close(timeoutMs: number): Promise<void> {
    this.#tell({ kind: 'close', timeoutMs });
    await within(this.#ended, 2 * timeoutMs);
    await this.#worker.terminate();
    await this.#ended;
  }

  #request<T>(commandOf: (number: number) => ThreadCommand): Promise<T> {
    const number = this.#asked++;
    return new Promise<T>((resolve, reject) => {
      this.#questions.set(number, { resolve, reject });
      this.#tell(commandOf(number));
    });
  }

  #tell(command: ThreadCommand): void {
    this.#worker.postMessage(command);
  }

  #take(report: ThreadReport): void {
    switch (report.kind) {
      case 'figures':
        this.figures = report.figures;
        break;
      case 'failed':
        this.#error ??= report.error;
        break;
      case 'answers':
        this.#questionOf(report.number)?.resolve(report.answers as never);
        break;
      case 'measured':
        this.#questionOf(report.number)?.resolve(report.metrics as never);
        break;
      case 'refused':
        this.#questionOf(report.number)?.reject(new KafkaError('BAD_ARGUMENT', report.reason));
        break;
    }
  }

  /** It is answered now, so that it waits no more. */
  #questionOf(number: number): Question | undefined {
    const question = this.#questions.get(number);
    this.#questions.delete(number);
    return question;
  }

  #rejectAll(): void {
    const error = new KafkaError('CLOSED', `thread ${this.number} has ended`);
    for (const { reject } of this.#questions.values()) reject(error);
    this.#questions.clear();
  }
}
