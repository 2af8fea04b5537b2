import type { Worker } from 'node:worker_threads';
import { KafkaError } from '../../../client/errors/kafka-error.ts';
import { within } from '../../../client/net/within.ts';
import { QueryError } from '../../queries/query-error.ts';
import { startThread } from '../../start-thread.ts';
import type { ListenerCall, ListenerKind } from './listener-calls.ts';
import type {
  ThreadCommand,
  ThreadFigures,
  ThreadQuestions,
  ThreadRefusal,
  ThreadReport,
  ThreadSetup,
  ThreadVerdict,
} from './thread-messages.ts';

/** Told of what a thread does. */
export interface ThreadEvents {
  onFigures(thread: StreamThread): void;
  onListenerCall(call: ListenerCall): void;
  /** Something went wrong, and it goes on. */
  onError(error: KafkaError): void;
  /** It ends with an error, and waits for `judge` before it leaves its group. */
  onUncaught(thread: StreamThread, error: unknown): void;
  /** It is over: `error` is null where it was closed. */
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
    standbyNames: [],
    restoredRows: 0,
    droppedRecords: new Map(),
    hosts: [],
    taskCounts: new Map(),
    topics: [],
  };
  /** When it told something last, by `Date.now()`. */
  heardMs = Date.now();
  /** Whether somebody was asked what becomes of the application without it, or need not be. */
  isJudged = false;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #error: unknown = null;

  constructor(setup: ThreadSetup, events: ThreadEvents) {
    this.number = setup.thread;
    this.#worker = startThread(setup);
    this.#worker.on('message', (report: ThreadReport) => this.#take(report, events));
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

  /** It tells what becomes of its stores from now on. */
  listen(to: ListenerKind): void {
    this.#tell({ kind: 'listen', to });
  }

  /** It asks all members of its group to end. */
  shutdownApplication(): void {
    this.#tell({ kind: 'shutdown-application' });
  }

  judge(verdict: ThreadVerdict): void {
    this.isJudged = true;
    this.#tell({ kind: 'verdict', verdict });
  }

  /** Rejects with what it refuses, and where it ends before it has answered. */
  ask<Name extends keyof ThreadQuestions>(
    name: Name,
    question: ThreadQuestions[Name][0],
  ): Promise<ThreadQuestions[Name][1]> {
    const number = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#questions.set(number, { resolve, reject });
      this.#tell({ kind: 'ask', number, name, question });
    });
  }

  /** Resolves when it has ended: by itself within the time, or put to an end. */
  async close(timeoutMs: number): Promise<void> {
    this.#tell({ kind: 'close', timeoutMs });
    await within(this.#ended, 2 * timeoutMs);
    await this.#worker.terminate();
    await this.#ended;
  }

  #tell(command: ThreadCommand): void {
    this.#worker.postMessage(command);
  }

  #take(report: ThreadReport, events: ThreadEvents): void {
    this.heardMs = Date.now();
    switch (report.kind) {
      case 'figures':
        this.figures = report.figures;
        events.onFigures(this);
        break;
      case 'listener':
        events.onListenerCall(report.call);
        break;
      case 'error': {
        const { code, category, message } = report.error;
        events.onError(new KafkaError(code, message, { category }));
        break;
      }
      case 'uncaught':
        events.onUncaught(this, report.error);
        break;
      case 'failed':
        this.#error ??= report.error;
        this.isJudged = report.isAsked;
        break;
      case 'answer':
        this.#questionOf(report.number)?.resolve(report.answer as never);
        break;
      case 'refused':
        this.#questionOf(report.number)?.reject(errorOf(report.refusal));
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

function errorOf({ reason, code, host }: ThreadRefusal): Error {
  if (code !== null) return new QueryError(code, reason, host);
  return new KafkaError('BAD_ARGUMENT', reason);
}
