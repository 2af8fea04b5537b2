import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { DeadLetter, ErrorContext } from '../tasks/error-handlers.ts';
import type { OutgoingRecord, RecordSource } from '../tasks/task-output.ts';

/** A record on its way, with what the handlers are told if it is refused. */
export interface SentRecord {
  readonly source: RecordSource;
  readonly context: ErrorContext;
  readonly record: OutgoingRecord;
  /** Tells it from all others of the transaction, by the record that led to it. */
  readonly name: string;
}

/** What the output does about a refusal. */
export interface Refusal {
  /** What the output fails with; null goes on. */
  readonly failure: unknown;
  readonly deadLetters: readonly DeadLetter[];
}

/**
 * Asks the application about records that a broker refused. With exactly once a refused record
 * takes its transaction with it. So the word of the handlers is kept, and counts when the record
 * comes again in the next transaction.
 */
export class RefusedRecords {
  readonly #isExact: boolean;
  /** Records to leave out, with the dead letters of each. */
  readonly #decided = new Map<string, readonly DeadLetter[]>();
  #lastContext = '';
  #ordinal = 0;

  constructor(isExact: boolean) {
    this.#isExact = isExact;
  }

  /** Of a record that is about to be sent. */
  sent(source: RecordSource, record: OutgoingRecord): SentRecord {
    const context = source.context();
    const { node, topic, partition, offset } = context;
    const place = `${topic}-${partition}@${offset}`;
    this.#ordinal = place === this.#lastContext ? this.#ordinal + 1 : 0;
    this.#lastContext = place;
    const name = `${place}#${this.#ordinal} ${node} ${record.topic}`;
    return { source, context, record, name };
  }

  /** The dead letters of a record that is left out; undefined where it is to be sent. */
  leftOut({ name }: SentRecord): readonly DeadLetter[] | undefined {
    return this.#decided.get(name);
  }

  refused({ source, context, record, name }: SentRecord, error: KafkaError): Refusal {
    // It failed with its transaction, whose end comes of another record or of the coordinator.
    if (error.category === 'abortable') return { failure: null, deadLetters: [] };
    const { result, deadLetters, failure } = source.refused(context, record, error);
    if (result === 'retry') return { failure: error, deadLetters: [] };
    if (result === 'fail') return { failure, deadLetters };
    if (!this.#isExact) return { failure: null, deadLetters };
    // A punctuation does not come again as it was.
    if (context.topic === '') return { failure, deadLetters: [] };
    this.#decided.set(name, deadLetters);
    const what = `a record for topic ${record.topic} was refused and is left out: ${error.message}`;
    const again = new KafkaError('TRANSACTION_ABORTABLE', what, { category: 'abortable' });
    return { failure: again, deadLetters: [] };
  }

  /** Each transaction counts for itself. */
  begin(): void {
    this.#lastContext = '';
  }

  /** What was left out will not come again. */
  committed(): void {
    this.begin();
    this.#decided.clear();
  }
}
