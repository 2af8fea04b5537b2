import type { KafkaError } from '../errors/kafka-error.ts';

/** Where a record went. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 with acks=0, and where the broker had the batch already. */
  readonly offset: number;
  /** -1 unless the broker stamped the records itself. */
  readonly timestamp: number;
  /** Where the log of the partition begins; -1 where the broker did not say. */
  readonly logStartOffset: number;
}

const NO_OFFSET = -1;

/** Settled when the batch is done; it does not throw. */
interface Settling {
  settle(): void;
}

type OnDone = (outcome: BatchOutcome) => void;

const NO_PARTS: readonly BatchOutcome[] = [];
const NO_STARTS: readonly number[] = [];

/** What became of a batch. It outlives the memory of the batch, for receipts read later. */
export class BatchOutcome {
  readonly topic: string;
  readonly partition: number;
  isDone = false;
  error: KafkaError | null = null;
  baseOffset = NO_OFFSET;
  timestamp = NO_OFFSET;
  logStartOffset = NO_OFFSET;
  /** Where the batch was too large and went in parts: what became of each. */
  #parts: readonly BatchOutcome[] = NO_PARTS;
  /** The index of the first record of each part. */
  #partStarts: readonly number[] = NO_STARTS;
  /** All records. */
  count = 0;
  /** Whether an `onBatch` hears of it. */
  isWatched = false;
  /** Records with a receipt, and those whose receipt somebody waits on. */
  receipts = 0;
  looked = 0;
  /** Mostly there are two at most, who keeps the batch and who wrote it: they need no list. */
  #first: OnDone | null = null;
  #second: OnDone | null = null;
  #others: OnDone[] | null = null;
  #reactions: Settling[] | null = null;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Calls back once the outcome is known, at once where it is. */
  whenDone(callback: OnDone): void {
    if (this.isDone) callback(this);
    else if (this.#first === null) this.#first = callback;
    else if (this.#second === null) this.#second = callback;
    else if (this.#others === null) this.#others = [callback];
    else this.#others.push(callback);
  }

  /** Settles it once the outcome is known, and never before the caller has returned. */
  react(reaction: Settling): void {
    this.#reactions ??= [];
    if (this.#reactions.push(reaction) === 1 && this.isDone) process.nextTick(settleAll, this);
  }

  settleReactions(): void {
    const reactions = this.#reactions ?? [];
    this.#reactions = null;
    for (let i = 0; i < reactions.length; i++) reactions[i]!.settle();
  }

  succeed(baseOffset: number, timestamp: number, logStartOffset = NO_OFFSET): void {
    this.baseOffset = baseOffset;
    this.timestamp = timestamp;
    this.logStartOffset = logStartOffset;
    this.#finish();
  }

  fail(error: KafkaError): void {
    this.error = error;
    this.#finish();
  }

  /** The batch goes on as these; it is done when the last of them is. */
  become(parts: readonly BatchOutcome[], starts: readonly number[]): void {
    this.#parts = parts;
    this.#partStarts = starts;
    let left = parts.length;
    for (const part of parts) {
      part.whenDone(() => {
        if (--left === 0) this.#finishParts();
      });
    }
  }

  get hasParts(): boolean {
    return this.#parts.length > 0;
  }

  errorOf(index: number): KafkaError | null {
    return this.#parts.length === 0 ? this.error : this.#part(index).errorOf(this.#within(index));
  }

  metadataOf(index: number): RecordMetadata {
    if (this.#parts.length > 0) return this.#part(index).metadataOf(this.#within(index));
    const { topic, partition, baseOffset, timestamp, logStartOffset } = this;
    const offset = baseOffset < 0 ? NO_OFFSET : baseOffset + index;
    return { topic, partition, offset, timestamp, logStartOffset };
  }

  #finishParts(): void {
    const failed = this.#parts.find(({ error }) => error !== null);
    this.error = failed?.error ?? null;
    this.baseOffset = this.#parts[0]!.baseOffset;
    this.timestamp = this.#parts[0]!.timestamp;
    this.#finish();
  }

  #finish(): void {
    if (this.isDone) return;
    this.isDone = true;
    const others = this.#others;
    this.#others = null;
    this.#first?.(this);
    this.#second?.(this);
    for (let i = 0; others !== null && i < others.length; i++) others[i]!(this);
    this.#first = null;
    this.#second = null;
    // All receipts of a batch take one turn of the queue, not one each.
    if (this.#reactions !== null) process.nextTick(settleAll, this);
  }

  #part(index: number): BatchOutcome {
    return this.#parts[this.#partNumber(index)]!;
  }

  #within(index: number): number {
    return index - this.#partStarts[this.#partNumber(index)]!;
  }

  #partNumber(index: number): number {
    let number = this.#partStarts.length - 1;
    while (number > 0 && this.#partStarts[number]! > index) number--;
    return number;
  }
}

function settleAll(outcome: BatchOutcome): void {
  outcome.settleReactions();
}
