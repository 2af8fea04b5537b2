import { inBackground } from '../../base/in-background.ts';
import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { AsyncOperator } from '../topology/async-operator.ts';
import type { NodeContext } from '../topology/node-context.ts';
import type { NodeProcessor } from '../topology/node-processor.ts';
import { type AsyncEntry, CALL } from './async-entry.ts';
import { EarliestFirst } from './earliest-first.ts';
import type { HeldOffset } from './held-offsets.ts';
import { StreamsError } from './streams-error.ts';

/** Records that may wait behind those under way, for each of these. */
const WAITING_SHARE = 4;

/** What an asynchronous node asks of its task. */
export interface AsyncHost {
  systemTime(): number;
  /** Keeps the record in hand from being committed; null where there is none. */
  hold(): HeldOffset | null;
  /** Has the task's owner call `settle`. */
  wake(): void;
  /** Runs what comes of a record that was kept. */
  settling(held: HeldOffset | null, run: () => void): void;
  /** Throws where the task must end. */
  failed(node: string, key: unknown, value: unknown, error: unknown): void;
}

/**
 * Calls an asynchronous function for each record, many at once. Results go on in the task's turn:
 * in the order of the records, in the order of each key's records, or as they come.
 */
export class AsyncNode implements NodeProcessor {
  readonly #operator: AsyncOperator;
  readonly #host: AsyncHost;
  readonly #entries = new Set<AsyncEntry>();
  /** Of each key the records in their order; only the first of them is called. */
  readonly #lanes = new Map<unknown, AsyncEntry[]>();
  /** Records that may be called once others are done. */
  readonly #callable: AsyncEntry[] = [];
  readonly #resting = new EarliestFirst<{ readonly time: number; readonly entry: AsyncEntry }>();
  /** Calls under way, the one that has run longest first. */
  readonly #running = new Set<AsyncEntry>();
  /** Those whose call is over, in the order in which it was. */
  readonly #over: AsyncEntry[] = [];
  #context: NodeContext | null = null;

  constructor(operator: AsyncOperator, host: AsyncHost) {
    this.#operator = operator;
    this.#host = host;
  }

  open(context: NodeContext): void {
    this.#context = context;
  }

  /** What still runs goes unheard. */
  close(): void {
    for (const { held } of this.#entries) held?.partition.release(held.offset);
    this.#entries.clear();
    this.#lanes.clear();
    this.#running.clear();
    this.#resting.clear();
    this.#callable.length = 0;
    this.#over.length = 0;
    this.#context = null;
  }

  /** Its name in the topology; '' while it is not open. */
  get node(): string {
    return this.#context?.node ?? '';
  }

  /** How many records are not through. */
  get unfinished(): number {
    return this.#entries.size;
  }

  /** Whether the task must take no more records for now. */
  get isFull(): boolean {
    return this.#entries.size >= this.#operator.concurrency * WAITING_SHARE;
  }

  /** The call that is under way for longest where calls may take for ever; null where none is. */
  get oldestCall(): Pick<AsyncEntry, 'startMs' | 'origin'> | null {
    if (this.#operator.timeoutMs !== undefined) return null;
    const [oldest = null] = this.#running;
    return oldest;
  }

  /** When the next call has taken too long or comes again. */
  get nextTime(): number {
    const { timeoutMs } = this.#operator;
    const [longest] = timeoutMs === undefined ? [] : this.#running;
    const rested = this.#resting.peek()?.time ?? Number.POSITIVE_INFINITY;
    return Math.min(rested, longest?.dueMs ?? Number.POSITIVE_INFINITY);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { topic, partition, offset } = this.#context!;
    const entry: AsyncEntry = {
      key,
      value,
      timestamp,
      headers,
      origin: { topic, partition, offset, timestamp, headers },
      held: this.#host.hold(),
      lane: this.#operator.order === 'key' ? laneOf(key) : null,
      state: CALL.WAITING,
      attempt: 0,
      startMs: 0,
      dueMs: Number.POSITIVE_INFINITY,
      result: undefined,
    };
    this.#entries.add(entry);
    if (this.#joinLane(entry)) this.#callable.push(entry);
    this.#callMore();
  }

  /** Sends on what is ready, gives up what took too long, and calls again what has rested. */
  settle(): boolean {
    const now = this.#host.systemTime();
    this.#expire(now);
    while ((this.#resting.peek()?.time ?? Number.POSITIVE_INFINITY) <= now) {
      this.#callable.unshift(this.#resting.pop()!.entry);
    }
    const before = this.#entries.size;
    if (this.#operator.order === 'partition') this.#sendInOrder();
    else for (const entry of this.#over.splice(0)) this.#send(entry);
    this.#callMore();
    return this.#entries.size < before;
  }

  #sendInOrder(): void {
    this.#over.length = 0;
    for (const entry of this.#entries) {
      if (entry.state !== CALL.DONE && entry.state !== CALL.FAILED) return;
      this.#send(entry);
    }
  }

  #send(entry: AsyncEntry): void {
    const context = this.#context!;
    const { key, value, timestamp, headers, origin, result, held } = entry;
    this.#entries.delete(entry);
    this.#leaveLane(entry);
    const run = () => {
      try {
        if (entry.state === CALL.FAILED) throw result;
        this.#operator.settle(context, key, value, timestamp, headers, result);
      } catch (thrown) {
        this.#host.failed(context.node, key, value, thrown);
      }
    };
    this.#host.settling(held, () => context.withOrigin(origin, run));
    held?.partition.release(held.offset);
  }

  #callMore(): void {
    const { concurrency } = this.#operator;
    while (this.#running.size < concurrency) {
      const entry = this.#callable.shift();
      if (entry === undefined) return;
      this.#call(entry);
    }
  }

  #call(entry: AsyncEntry): void {
    const { timeoutMs } = this.#operator;
    const { key, value, timestamp, headers } = entry;
    const attempt = ++entry.attempt;
    entry.state = CALL.RUNNING;
    entry.startMs = this.#host.systemTime();
    entry.dueMs = entry.startMs + (timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#running.add(entry);
    const onDone = (result: unknown) => this.#onOver(entry, attempt, CALL.DONE, result);
    const onFailed = (thrown: unknown) => this.#onOver(entry, attempt, CALL.FAILED, thrown);
    try {
      const result = this.#operator.call({ key, value, timestamp, headers });
      inBackground(result.then(onDone), onFailed);
    } catch (thrown) {
      onFailed(thrown);
    }
  }

  /** A call that was given up, or whose task is closed, is not heard any more. */
  #onOver(entry: AsyncEntry, attempt: number, state: number, result: unknown): void {
    if (entry.attempt !== attempt || !this.#running.delete(entry)) return;
    const { retries, retryBackoffMs } = this.#operator;
    if (state === CALL.FAILED && attempt <= retries) {
      entry.state = CALL.RESTING;
      this.#resting.push({ time: this.#host.systemTime() + retryBackoffMs, entry });
    } else {
      entry.state = state;
      entry.result = result;
      this.#over.push(entry);
    }
    this.#host.wake();
  }

  #expire(now: number): void {
    const { timeoutMs } = this.#operator;
    if (timeoutMs === undefined) return;
    for (const entry of this.#running) {
      if (entry.dueMs > now) return;
      const node = this.#context!.node;
      const error = new StreamsError(`a call of ${node} took over ${timeoutMs} ms`, { node });
      this.#onOver(entry, entry.attempt, CALL.FAILED, error);
    }
  }

  /** True where no other record of its key is before it. */
  #joinLane(entry: AsyncEntry): boolean {
    if (entry.lane === null) return true;
    const lane = this.#lanes.get(entry.lane);
    if (lane === undefined) {
      this.#lanes.set(entry.lane, [entry]);
      return true;
    }
    lane.push(entry);
    return false;
  }

  #leaveLane({ lane: name }: AsyncEntry): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return;
    lane.shift();
    if (lane.length === 0) this.#lanes.delete(name);
    else this.#callable.push(lane[0]!);
  }
}

/** Keys that are objects are told by what they say. Null is a key too. */
function laneOf(key: unknown): unknown {
  if (typeof key !== 'object' || key === null) return key ?? 'null';
  if (key instanceof Uint8Array) return Array.from(key, (byte) => byte.toString(16)).join('-');
  return JSON.stringify(key);
}
