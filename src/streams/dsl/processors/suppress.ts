import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { SuppressSpec } from '../../topology/store-spec.ts';
import type { BufferedChange, SuppressBuffer } from '../../topology/suppress-buffer.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import type { ParentTable } from '../tables/parent-table.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import type { ValueGetter, ValueView } from '../tables/value-view.ts';

/** What a suppression does, after its grace is known. */
export interface SuppressSettings {
  readonly durationMs: number;
  /** By the window's end, or by the record's timestamp. */
  readonly timeOf: 'window-end' | 'record';
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly whenFull: 'emit' | 'shut-down';
  /** Tombstones of windows that were never emitted say nothing. */
  readonly dropsTombstones: boolean;
}

type Buffer = SuppressBuffer<unknown, unknown>;

class SuppressProcessor implements NodeProcessor {
  readonly #settings: SuppressSettings;
  readonly #name: string;
  #context!: NodeContext;
  #buffer!: Buffer;
  #streamTime = -1;
  readonly #isOverCapacity = (): boolean => {
    const { maxRecords, maxBytes } = this.#settings;
    return this.#buffer.count > maxRecords || this.#buffer.bytes > maxBytes;
  };
  readonly #isExpired = (): boolean => {
    return this.#buffer.minTimestamp <= this.#streamTime - this.#settings.durationMs;
  };
  /** The oldest one. False where no more is due. */
  readonly #evictExpired = (): boolean => {
    let left = 1;
    this.#buffer.evictWhile(() => left-- > 0 && this.#isExpired(), this.#emit);
    return this.#isExpired();
  };
  readonly #emit = (buffered: BufferedChange<unknown, unknown>): void => this.#forward(buffered);

  constructor(settings: SuppressSettings, name: string) {
    this.#settings = settings;
    this.#name = name;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#buffer = context.store(this.#name);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (timestamp > this.#streamTime) this.#streamTime = timestamp;
    const { topic, partition, offset } = this.#context;
    // The row keeps the timestamp of the update, which is the table's and not the input record's.
    const origin = { topic, partition, offset, timestamp, headers };
    const isByWindow = this.#settings.timeOf === 'window-end';
    const time = isByWindow ? (key as WindowedKey<unknown>).window.end : timestamp;
    this.#buffer.put(time, key, value as Change<unknown>, origin);
    this.#enforce();
  }

  advance(streamTime: number): void {
    if (streamTime <= this.#streamTime) return;
    this.#streamTime = streamTime;
    this.#enforce();
  }

  #enforce(): void {
    if (this.#isExpired()) this.#context.spread(this.#evictExpired);
    if (!this.#isOverCapacity()) return;
    if (this.#settings.whenFull === 'emit') {
      this.#buffer.evictWhile(this.#isOverCapacity, this.#emit);
      return;
    }
    const { maxRecords, maxBytes } = this.#settings;
    const { count, bytes } = this.#buffer;
    const what = `${count}/${maxRecords} records and ${bytes}/${maxBytes} bytes`;
    throw new TopologyError(`The buffer of ${this.#context.node} is over its capacity: ${what}.`);
  }

  #forward({ key, change, origin }: BufferedChange<unknown, unknown>): void {
    if (change.newValue === null && this.#settings.dropsTombstones) return;
    this.#context.emitted('suppressed');
    this.#context.withOrigin(origin, () => {
      this.#context.forward(key, change, origin.timestamp, origin.headers);
    });
  }
}

class SuppressGetter implements ValueGetter {
  readonly isVersioned = false;
  foundTimestamp = -1;
  readonly #name: string;
  readonly #parent: ValueGetter;
  #buffer!: Buffer;

  constructor(name: string, parent: ValueGetter) {
    this.#name = name;
    this.#parent = parent;
  }

  open(context: NodeContext): void {
    this.#parent.open(context);
    this.#buffer = context.store(this.#name);
  }

  get(key: unknown): unknown {
    const prior = this.#buffer.priorValueForBuffered(key);
    const value = prior === undefined ? this.#parent.get(key) : prior.value;
    this.foundTimestamp =
      (prior === undefined ? this.#parent.foundTimestamp : prior.timestamp) ?? -1;
    return value;
  }

  getAsOf(key: unknown): unknown {
    return this.get(key);
  }
}

/** Holds the updates of a table back. */
export class Suppress implements TableMaker {
  readonly stores: readonly SuppressSpec[];
  readonly #settings: SuppressSettings;
  readonly #spec: SuppressSpec;
  readonly #parent: ParentTable;

  /** The parent sends old values from now on: they say what was last emitted. */
  constructor(settings: SuppressSettings, spec: SuppressSpec, parent: ParentTable) {
    this.#settings = settings;
    this.#spec = spec;
    this.stores = [spec];
    this.#parent = parent;
    parent.sendOldValues(true);
  }

  make(): NodeProcessor {
    return new SuppressProcessor(this.#settings, this.#spec.name);
  }

  view(): ValueView {
    const parent = this.#parent.view();
    const { name } = this.#spec;
    return {
      make: () => new SuppressGetter(name, parent.make()),
      stores: [name, ...parent.stores],
    };
  }

  sendOldValues(force: boolean): boolean {
    return this.#parent.sendOldValues(force);
  }
}
