import type { Link } from './link.ts';
import type { Gap, StreamBatch, StreamRecord, SubscribeOptions } from './messages.ts';
import { Positions, type ServerPosition } from './positions.ts';

const WINDOW = 10_000;

interface RecordsFrame extends StreamBatch {
  readonly epoch: number;
  readonly records: readonly Omit<StreamRecord, 'topic' | 'partition'>[] & readonly StreamRecord[];
}

/**
 * Records of some topics, read at the pace of the loop: the server is given credit for so many as
 * the loop has taken. It outlives connections: each new one goes on where the last record stood.
 */
export class Subscription implements AsyncIterable<StreamRecord> {
  readonly id: number;
  readonly #link: Link;
  readonly #topics: readonly string[];
  readonly #options: SubscribeOptions;
  readonly #positions = new Positions();
  #waiting: StreamBatch[] = [];
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  #closed = false;
  /** Records taken since credit was given last. */
  #taken = 0;

  constructor(link: Link, id: number, topics: readonly string[], options: SubscribeOptions) {
    this.#link = link;
    this.id = id;
    this.#topics = topics;
    this.#options = options;
  }

  get #window(): number {
    return this.#options.window ?? WINDOW;
  }

  /** Where the loop stands; a later subscription may start `from: { token }`. */
  get token(): string {
    return this.#positions.token();
  }

  /** The command that (re)opens it; what waits unread is dropped and asked for again. */
  command(): object {
    const { from, partitions, keys, values, filter, policy, group } = this.#options;
    this.#waiting = [];
    this.#taken = 0;
    const resumes = !this.#positions.isEmpty && group === undefined;
    const start = resumes ? { positions: this.#positions.list() } : from;
    return {
      type: 'subscribe',
      sub: this.id,
      topics: this.#topics,
      from: start,
      partitions,
      keys,
      values,
      filter,
      policy,
      group,
      credit: { records: this.#window },
    };
  }

  onAnswer(answer: { positions?: readonly ServerPosition[]; gaps?: readonly Gap[] }): void {
    if (answer.positions !== undefined) this.#positions.set(answer.positions);
    for (const gap of answer.gaps ?? []) this.#onGap(gap);
  }

  onEvent(event: { type: string } & Record<string, unknown>): void {
    if (event.type === 'records') this.#onRecords(event as unknown as RecordsFrame);
    else if (event.type === 'gap') this.#onGap(event as unknown as Gap);
    else if (event.type === 'ended') this.fail(new Error(String(event.message)));
    else if (event.type === 'assigned' || event.type === 'revoked') this.#onAssignment(event);
    else if (event.type === 'added')
      this.onAnswer(event as Parameters<Subscription['onAnswer']>[0]);
  }

  #onRecords(frame: RecordsFrame): void {
    const { topic, partition } = frame;
    const records = frame.records.map((record) => ({ ...record, topic, partition }));
    this.#waiting.push({ ...frame, records });
    this.#positions.advance(topic, partition, frame.next, frame.epoch);
    this.#wake?.();
  }

  #onGap(gap: Gap): void {
    this.#options.onGap?.(gap);
  }

  /** Partitions went to this member or away from it: what waits of the others is not ours. */
  #onAssignment(event: { type: string } & Record<string, unknown>): void {
    const positions = (event.positions ?? []) as readonly ServerPosition[];
    this.#waiting = [];
    if (event.type === 'revoked') return;
    this.#positions.clear();
    this.#positions.set(positions);
  }

  /** In a group: everything of the batch is done and need not come again. */
  async ack(batch: StreamBatch): Promise<void> {
    const { topic, partition, next } = batch;
    const positions = [{ topic, partition, offset: next }];
    await this.#link.request({ type: 'ack', sub: this.id, positions });
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.();
    await this.#link.drop(this);
  }

  async #next(): Promise<StreamBatch | null> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#closed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    const batch = this.#waiting.shift()!;
    this.#taken += batch.records.length;
    if (this.#taken * 2 >= this.#window) {
      this.#link.tell({ type: 'credit', sub: this.id, records: this.#taken });
      this.#taken = 0;
    }
    return batch;
  }

  /** Whole batches: the way for much at once, and for acks. */
  async *batches(): AsyncGenerator<StreamBatch, void> {
    try {
      for (let batch = await this.#next(); batch !== null; batch = await this.#next()) yield batch;
    } finally {
      await this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamRecord, void> {
    for await (const batch of this.batches()) yield* batch.records;
  }
}
