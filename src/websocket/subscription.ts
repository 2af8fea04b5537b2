import { BatchFrame } from './batch-frame.ts';
import { GatewayError } from './gateway-error.ts';
import type { Attachment, Link } from './link.ts';
import type {
  Gap,
  GroupOptions,
  PartitionPosition,
  StartPosition,
  StreamBatch,
  StreamRecord,
  SubscribeOptions,
  TopicSelection,
} from './messages.ts';
import { Positions, partitionKey, positionToken } from './positions.ts';
import type { ReadFields } from './record-batches.ts';
import { JsonFrame, type RecordsEvent, type WaitingFrame } from './waiting-frame.ts';

const WINDOW = 10_000;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** Gaps after which old offsets stand for new records. */
const ANOTHER_LOG = ['deleted', 'recreated', 'truncation'];

interface StartAnswer {
  readonly positions?: readonly PartitionPosition[];
  readonly recovered?: boolean;
  readonly gaps?: readonly Gap[];
  /** In a group: the member id. */
  readonly member?: string;
}

type StreamEvent =
  | RecordsEvent
  | ({ readonly type: 'gap' } & Gap)
  | { readonly type: 'added' | 'assigned'; readonly positions: readonly PartitionPosition[] }
  | {
      readonly type: 'revoked';
      readonly positions: readonly PartitionPosition[];
      readonly reason: string;
    }
  | {
      readonly type: 'ended';
      readonly code: string;
      readonly message: string;
      readonly retry: boolean;
    };

/** What waits for the loop, in the order of its arrival. */
type Waiting = WaitingFrame | Gap | { readonly added: readonly PartitionPosition[] };

/**
 * Records of some topics, at the pace of the loop: the broker is given credit for the records that
 * the loop has finished. It outlives connections. Each new one starts at the loop's position, and
 * records that had arrived but were not taken come again.
 */
export class Subscription<Key = unknown, Value = unknown>
  implements AsyncIterable<StreamRecord<Key, Value>>, Attachment
{
  /** The number under which the broker knows it; another one for each subscription. */
  readonly id: number;
  readonly #link: Link;
  readonly #topics: TopicSelection;
  readonly #options: SubscribeOptions;
  readonly #format: ReadFields;
  readonly #window: number;
  readonly #windowBytes: number;
  /** A position moves when the loop takes a batch, not when one arrives. */
  readonly #positions = new Positions();
  /** How far each partition was given to the loop, so that repetitions are marked. */
  readonly #given = new Map<string, number>();
  #waiting: Waiting[] = [];
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  #closed = false;
  #isStarted = false;
  #member: string | undefined;
  /** The batch that the loop works on, and how far it is. */
  #inHand: { readonly frame: WaitingFrame; doneTo: number } | null = null;
  /** What the loop has finished since credit was given last. */
  #doneCount = 0;
  #doneBytes = 0;
  #inHandCount = 0;
  #inHandBytes = 0;
  readonly #onAbort = (): void => {
    this.fail(this.#options.signal!.reason);
    this.#waiting = [];
    this.close();
  };

  constructor(link: Link, id: number, topics: TopicSelection, options: SubscribeOptions) {
    this.#link = link;
    this.id = id;
    this.#topics = topics;
    this.#options = options;
    this.#window = options.window ?? WINDOW;
    this.#windowBytes = options.windowBytes ?? WINDOW_BYTES;
    const { keys = 'text', values = 'text', headers = true, times = true } = options;
    this.#format = { keys, values, headers, times };
    options.signal?.throwIfAborted();
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The positions after the last record that the loop got. */
  get positions(): readonly PartitionPosition[] {
    const positions = this.#positions.list();
    const hand = this.#inHand;
    if (hand === null) return positions;
    const { topic, partition } = hand.frame;
    return positions.map((position) => {
      const isInHand = position.topic === topic && position.partition === partition;
      return isInHand ? { ...position, offset: hand.doneTo } : position;
    });
  }

  /** The positions as one string. A later subscription may start `from: { token }`. */
  get token(): string {
    return positionToken(this.positions);
  }

  /** The command that opens the subscription, made for each connection. */
  command(): object {
    const { from, partitions, filter, policy, isolation, group } = this.#options;
    const { keys, values, headers, times } = this.#format;
    this.#waiting = [];
    this.#doneCount = 0;
    this.#doneBytes = 0;
    this.#inHandCount = 0;
    this.#inHandBytes = 0;
    if (group !== undefined) this.#positions.clear();
    const resumes = this.#isStarted && group === undefined;
    const topics = this.#topics;
    return {
      type: 'subscribe',
      sub: this.id,
      ...(typeof topics === 'object' && 'pattern' in topics
        ? { pattern: topics.pattern }
        : { topics: typeof topics === 'string' ? [topics] : topics }),
      from: resumes ? { positions: this.#positions.list() } : from,
      partitions,
      // The broker does not convert keys and values in the batch protocol.
      keys: keys === 'bytes' ? undefined : keys,
      values: values === 'bytes' ? undefined : values,
      headers,
      times,
      filter,
      policy,
      isolation,
      group: group === undefined ? undefined : this.#membership(group),
      credit: { records: this.#window, bytes: this.#windowBytes },
    };
  }

  /**
   * A member without an instance name names its member id when it comes back, so that its
   * partitions need not wait.
   */
  #membership(group: GroupOptions): object {
    return group.instance === undefined ? { ...group, member: this.#member } : group;
  }

  /** For the connection: takes the broker's answer to the subscription. */
  onAnswer({ positions = [], recovered = true, gaps = [], member }: StartAnswer): void {
    this.#member = member;
    const resumes = this.#isStarted;
    this.#isStarted = true;
    this.#positions.set(positions);
    for (const gap of gaps) {
      if (gap.reason === 'deleted') this.#positions.skip(gap);
      this.#tell(gap);
    }
    this.#noteRedelivered(positions);
    if (resumes) this.#options.onResume?.({ recovered, gaps });
  }

  /** For the connection: takes records and news as JSON. */
  onEvent(event: StreamEvent, bytes: number): void {
    switch (event.type) {
      case 'records':
        this.#push(new JsonFrame(event, bytes));
        break;
      case 'gap':
        this.#push(event);
        break;
      case 'added':
        this.#push({ added: event.positions });
        break;
      case 'assigned':
        this.#onAssigned(event.positions);
        break;
      case 'revoked':
        this.#discard(event.positions);
        for (const each of event.positions) this.#positions.delete(each);
        this.#options.onRevoked?.(event.positions, event.reason);
        break;
      case 'ended':
        this.fail(GatewayError.of(event));
        this.#link.remove(this);
        break;
    }
  }

  /** For the connection: takes a frame of stored batches. */
  onBinary(frame: Uint8Array): void {
    this.#push(new BatchFrame(frame, this.#format));
  }

  #push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#wake?.();
  }

  #tell(gap: Gap): void {
    const { topic, partition, reason } = gap;
    if (ANOTHER_LOG.includes(reason)) this.#given.delete(partitionKey(topic, partition));
    this.#options.onGap?.(gap);
  }

  /** Delivery continues in partitions that this member had already. What waits of them stays. */
  #onAssigned(positions: readonly PartitionPosition[]): void {
    this.#positions.set(positions.filter((each) => !this.#positions.has(each)));
    this.#noteRedelivered(positions);
    this.#options.onAssigned?.(positions);
  }

  #noteRedelivered(positions: readonly PartitionPosition[]): void {
    for (const { topic, partition, redelivered = 0 } of positions) {
      if (redelivered === 0) continue;
      const key = partitionKey(topic, partition);
      this.#given.set(key, Math.max(redelivered, this.#given.get(key) ?? 0));
    }
  }

  /** Drops the waiting records of these partitions, or of all, and gives their credit back. */
  #discard(positions: readonly PartitionPosition[] | null): void {
    const keys = positions?.map(({ topic, partition }) => partitionKey(topic, partition));
    this.#waiting = this.#waiting.filter((waiting) => {
      if (!('open' in waiting)) return positions !== null;
      const { topic, partition, count, bytes } = waiting;
      if (keys !== undefined && !keys.includes(partitionKey(topic, partition))) return true;
      this.#doneCount += count;
      this.#doneBytes += bytes;
      return false;
    });
    this.#giveCredit();
  }

  #giveCredit(): void {
    const isDue = this.#doneCount * 2 >= this.#window || this.#doneBytes * 2 >= this.#windowBytes;
    if (!isDue) return;
    const credit = { records: this.#doneCount, bytes: this.#doneBytes };
    this.#link.tell({ type: 'credit', sub: this.id, ...credit });
    this.#doneCount = 0;
    this.#doneBytes = 0;
  }

  /** Moves to another position. Waiting records are dropped. Resolves when the broker has moved. */
  seek(to: StartPosition): Promise<void> {
    return new Promise((resolve, reject) => {
      const onOk = (answer: StartAnswer): void => {
        this.#discard(null);
        this.#given.clear();
        this.#inHand = null;
        this.#positions.set(answer.positions ?? []);
        for (const gap of answer.gaps ?? []) this.#tell(gap);
        resolve();
      };
      this.#link.ask({ type: 'seek', sub: this.id, to }, onOk, reject);
    });
  }

  /** In a group: says that everything up to the end of the batch, or to this record, is done. */
  async ack(done: StreamBatch | StreamRecord): Promise<void> {
    const { topic, partition } = done;
    const offset = 'next' in done ? done.next : done.offset + 1;
    const positions = [{ topic, partition, offset }];
    await this.#link.request({ type: 'ack', sub: this.id, positions });
  }

  /** For the connection: ends the loop with this error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** Ends the loop. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#link.remove(this);
    this.#wake?.();
  }

  async #next(): Promise<StreamBatch<Key, Value> | null> {
    this.#finishHand();
    for (;;) {
      const waiting = this.#closed ? undefined : this.#waiting.shift();
      if (waiting === undefined) {
        if (this.#failure !== null) throw this.#failure;
        if (this.#closed) return null;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      } else if ('open' in waiting) {
        const batch = await this.#take(waiting);
        if (batch.records.length > 0) return batch;
        this.#finishHand();
      } else if ('added' in waiting) {
        this.#positions.set(waiting.added);
      } else {
        this.#positions.skip(waiting);
        this.#tell(waiting);
      }
    }
  }

  /** The loop has finished its batch. */
  #finishHand(): void {
    this.#inHand = null;
    this.#doneCount += this.#inHandCount;
    this.#doneBytes += this.#inHandBytes;
    this.#inHandCount = 0;
    this.#inHandBytes = 0;
    this.#giveCredit();
  }

  async #take(frame: WaitingFrame): Promise<StreamBatch<Key, Value>> {
    const { topic, partition, position, next, high, epoch } = frame;
    // This comes before the first await: a reconnect meanwhile must not ask for these records
    // again.
    this.#positions.advance(topic, partition, next, epoch);
    const hand = { frame, doneTo: position };
    this.#inHand = hand;
    this.#inHandCount = frame.count;
    this.#inHandBytes = frame.bytes;
    const opened = frame.open();
    const found = opened instanceof Promise ? await opened : opened;
    const records = found as readonly StreamRecord<Key, Value>[];
    hand.doneTo = next;
    for (const gap of frame.damaged) this.#tell(gap);
    const mayRepeat = this.#options.group !== undefined || this.#given.size > 0;
    if (!mayRepeat) return { topic, partition, next, high, records };
    return { topic, partition, next, high, records: this.#marked(frame, records) };
  }

  #marked<Item extends StreamRecord>(
    frame: WaitingFrame,
    records: readonly Item[],
  ): readonly Item[] {
    const key = partitionKey(frame.topic, frame.partition);
    const given = this.#given.get(key) ?? 0;
    if (given < frame.next) this.#given.set(key, frame.next);
    if (given <= frame.position) return records;
    return records.map((record) => {
      return record.offset < given ? { ...record, redelivered: true } : record;
    });
  }

  /**
   * Whole batches, for many records at once and for acks. Only one loop may run on a subscription.
   */
  async *batches(): AsyncGenerator<StreamBatch<Key, Value>, void> {
    try {
      for (let batch = await this.#next(); batch !== null; batch = await this.#next()) yield batch;
    } finally {
      this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamRecord<Key, Value>, void> {
    for await (const batch of this.batches()) {
      const hand = this.#inHand;
      for (const record of batch.records) {
        if (hand !== null) hand.doneTo = record.offset + 1;
        yield record;
      }
      if (hand !== null) hand.doneTo = batch.next;
    }
  }
}
