import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { StateStore, StoreContext } from '../../topology/state-store.ts';
import type { StoreSettings } from '../../topology/store-spec.ts';
import type { RecordCache } from '../cache/record-cache.ts';
import type { BytesWriter } from '../codec/bytes-writer.ts';
import { ValueForm } from '../codec/value-form.ts';
import { ByteTable } from '../engine/byte-table.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { FiledRows } from '../filed/filed-rows.ts';
import type { TimeOrder } from '../filed/time-order.ts';
import { StateError } from '../state-error.ts';
import type { StoreEnvironment } from './store-environment.ts';

const NO_BYTES = new Uint8Array(0);

interface Kind {
  readonly kind: string;
  readonly headers?: boolean | undefined;
}

/**
 * A store whose rows stand in a table, with what the state of a task needs to log them, to commit
 * and to abort. Where nobody manages its transactions, each flush ends one.
 */
export abstract class TableStore implements StateStore {
  readonly name: string;
  /** Of store, as its description says. */
  readonly kind: string;
  readonly isPersistent: boolean;
  readonly #logsHeaders: boolean;
  readonly table: ByteTable;
  readonly form: ValueForm;
  /** Its rows in a file; undefined where all of them are in memory. */
  readonly filed: FiledRows | undefined;
  protected readonly environment: StoreEnvironment;
  protected topic = '';
  /** How often single rows were read, and rows written, since the store was made. */
  reads = 0;
  writes = 0;
  /** Whether somebody calls `settle` and `revert`. */
  #isManaged = false;
  #context: StoreContext | undefined;

  /** With `mayBeFiled` its rows may be in a file; `order` is that of rows with times. */
  constructor(
    settings: StoreSettings & Kind,
    environment: StoreEnvironment,
    isStamped: boolean,
    mayBeFiled = false,
    order?: TimeOrder,
  ) {
    this.name = settings.name;
    this.kind = settings.kind;
    this.isPersistent = settings.persistent;
    this.#logsHeaders = settings.logsHeaders ?? false;
    this.environment = environment;
    this.form = new ValueForm(settings.headers === true);
    this.table = new ByteTable({ stamped: isStamped, bytesMax: environment.storeBytesMax });
    const type = settings.storeType ?? environment.storeType;
    const isFiled = mayBeFiled && type !== undefined && settings.persistent;
    this.filed = isFiled ? new FiledRows(this.table, type, order) : undefined;
  }

  /** How its rows stand on disk. */
  get rowForm(): string {
    const headers = this.form.hasHeaders ? ' with headers' : '';
    return `${this.kind}${headers}${this.table.isStamped ? ' stamped' : ''}`;
  }

  get isOpen(): boolean {
    return this.#context !== undefined;
  }

  protected get context(): StoreContext {
    const context = this.#context;
    if (context === undefined) throw this.#closed();
    return context;
  }

  open(context: StoreContext): void {
    this.#context = context;
    this.topic = context.changelogTopic(this.name);
  }

  flush(): void {
    if (this.#isManaged) return;
    if (this.filed === undefined) {
      this.settle();
      return;
    }
    this.prepareFiled();
    if (this.filed.hasNews) this.filed.commit(-1);
  }

  close(): void {
    this.filed?.close();
    this.#context = undefined;
    this.clear();
  }

  /** Forgets all rows, outside of any transaction. */
  clear(): void {
    this.table.clear();
  }

  /** From now on somebody else ends the transactions. */
  manage(): void {
    this.#isManaged = true;
  }

  /** Opens the file of its rows, see `FiledRows.open`. */
  openFile(directory: string | undefined, task: string): Promise<void> | undefined {
    const { context } = this;
    const { applicationId } = context;
    const owner = { applicationId, task, store: this.name, form: this.rowForm };
    return this.filed?.open(directory, owner, () => context.requestCommit());
  }

  /** What the open transaction has written is taken down for the file. */
  prepareFiled(): void {
    this.filed?.prepare((take) => this.settle(take), this.streamTime, this.oldestKept);
  }

  /** Rows of times before it are not kept. */
  protected get oldestKept(): number {
    return Number.NEGATIVE_INFINITY;
  }

  /** The open transaction is committed. `take` gets the rows that it has touched before. */
  settle(take?: RowTaker): void {
    this.table.settle(take);
  }

  /** The open transaction is aborted: the store is as it was at the commit before. */
  revert(): void {
    this.table.revert();
  }

  /** Undefined where no updates are held back in the record cache. */
  get recordCache(): RecordCache | undefined {
    return undefined;
  }

  /** What must survive beside the rows: the time that the store has seen. */
  get streamTime(): number {
    return -1;
  }

  /** Rows that were read from disk, and the time with them. */
  loaded(_streamTime: number): void {
    // A store that keeps nothing beside its rows has nothing to do.
  }

  abstract restore(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders,
  ): void;

  /** The row of a key, with a value or without; -1 for none. */
  protected findRow(key: Uint8Array): number {
    const row = this.table.find(key);
    return row >= 0 || this.filed === undefined ? row : this.filed.load(key);
  }

  /** A restored row belongs to a transaction only where one is managed, or ends in a file. */
  protected restoreRow(key: Uint8Array, value: Uint8Array | null, stamp: number): void {
    if (!this.#isManaged && this.filed === undefined) {
      this.table.load(key, value, stamp);
      return;
    }
    if (value !== null) {
      this.table.put(key, value, stamp);
      return;
    }
    let row = this.table.find(key);
    // What the file has is not looked at, but hidden.
    if (row < 0 && this.filed !== undefined) row = this.table.put(key, NO_BYTES, stamp);
    if (row >= 0) this.table.unset(row);
  }

  /** The bytes of a key, in the writer's memory. */
  protected bytesOf<K>(writer: BytesWriter<K>, key: K): Uint8Array {
    const bytes = key === null || key === undefined ? null : writer.write(key, this.topic);
    if (bytes !== null) return bytes;
    throw new StateError('STATE_ARGUMENT', `store ${this.name}: a key may not be null`);
  }

  protected mustBeOpen(): void {
    if (this.#context === undefined) throw this.#closed();
  }

  #closed(): StateError {
    return new StateError('STATE_CLOSED', `store ${this.name} is not open`);
  }

  /** Headers go along only where rows keep them, or the store's changelog has them. */
  protected logUpdate(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const goAlong = this.form.hasHeaders || this.#logsHeaders;
    this.context.log(this.name, key, value, timestamp, goAlong ? headers : undefined);
  }

  protected log(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers?: RecordHeaders,
  ): void {
    const { context } = this;
    const logged = headers ?? (this.#logsHeaders ? context.headers : undefined);
    context.log(this.name, key, value, timestamp, logged);
  }
}
