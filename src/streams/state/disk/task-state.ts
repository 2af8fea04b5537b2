/**
 * The state of a task on disk: checked commits in a log, snapshots so that the log does not grow
 * for ever, and both read again at the next start. A commit is one record, so a crash leaves it
 * whole or not at all. What is lost of a log's end is restored from the changelogs, whose offsets
 * the commits have; a damaged snapshot is thrown away, and everything is restored.
 */
import { existsSync } from 'node:fs';
import { failPoint } from '../../../base/fail-point.ts';
import type { StateStore } from '../../topology/state-store.ts';
import { FiledStores } from '../filed/filed-stores.ts';
import { StateError } from '../state-error.ts';
import { TableStore } from '../stores/table-store.ts';
import { readRecord, type StoreRows } from './record-reader.ts';
import { RECORD, RecordWriter } from './record-writer.ts';
import { type Progress, Snapshot } from './snapshot.ts';
import { StateFile } from './state-file.ts';
import { TaskFiles } from './task-files.ts';

/** The log may grow by this much, or as much as the last snapshot took, before the next one. */
const LOG_BYTES_MIN = 4 << 20;
/** A snapshot is written with each commit: at least so much of it. */
const STEP_BYTES = 1 << 20;
const NO_OFFSET = -1;

/** What the first record of each file says. */
interface FileHead {
  readonly task: string;
  readonly stores: readonly { readonly name: string; readonly form: string }[];
}

/** What became of the files at a start. */
export type StateOrigin = 'memory' | 'new' | 'read' | 'cut' | 'rebuilt';

export class TaskState {
  readonly #files: TaskFiles | undefined;
  readonly #task: string;
  readonly #all: readonly TableStore[];
  readonly #stores: readonly TableStore[];
  /** Stores without files. */
  readonly #inMemory: readonly TableStore[];
  /** Stores with a file each. */
  readonly #filed: FiledStores;
  readonly #head: string;
  readonly #writer = new RecordWriter();
  readonly #headWriter = new RecordWriter();
  /** Of the prepared commit: where in its record the offset of each store stands. */
  #offsetsAt: number[] = [];
  /** Whether a commit is prepared, and has rows. */
  #isPrepared = false;
  #hasRows = false;
  readonly #offsets = new Map<string, number>();
  /** Of stores that were read from disk. */
  readonly #times = new Map<TableStore, number>();
  #log: StateFile | undefined;
  #logNumber = 1;
  /** Of all logs since the last snapshot. */
  #logBytes = 0;
  #nextSnapshotBytes = LOG_BYTES_MIN;
  #snapshot: Snapshot | undefined;
  #failure: StateError | undefined;
  /** Why there is no newer snapshot; undefined where nothing is wrong. */
  snapshotFailure: StateError | undefined;
  /** `cut`: the end of a log was lost; `rebuilt`: nothing could be used. */
  readonly origin: StateOrigin;

  /**
   * Takes over the transactions of the stores, which are open, and fills them from the directory.
   * Without a directory, commits and aborts concern memory only.
   */
  constructor(task: string, directory: string | undefined, stores: Iterable<StateStore>) {
    this.#task = task;
    const all = Array.from(stores).filter((store) => store instanceof TableStore);
    for (const store of all) store.manage();
    this.#all = all;
    const tables = all.filter(({ filed }) => filed === undefined);
    const isOnDisk = directory !== undefined;
    this.#stores = isOnDisk ? tables.filter((store) => store.isPersistent) : [];
    this.#inMemory = isOnDisk ? tables.filter((store) => !store.isPersistent) : tables;
    this.#head = JSON.stringify({
      task,
      stores: this.#stores.map(({ name, rowForm: form }) => ({ name, form })),
    } satisfies FileHead);
    this.#files = isOnDisk ? new TaskFiles(directory) : undefined;
    const filed = all.filter((store) => store.filed !== undefined);
    this.#filed = new FiledStores(filed, task, directory, this.#offsets);
    this.origin = this.#files === undefined ? 'memory' : this.#read(this.#files);
  }

  /** By store: where its changelog goes on. A store without an entry is restored from the start. */
  get offsets(): ReadonlyMap<string, number> {
    return this.#offsets;
  }

  /** How many rows the open transaction has touched. */
  get openRows(): number {
    let sum = 0;
    for (const { table } of this.#all) sum += table.journal.count;
    return sum;
  }

  /**
   * Where files of stores must be looked at before they are opened: it ends when they are open, and
   * nothing is asked of the stores or of their offsets before. Undefined where all are.
   */
  get opening(): Promise<void> | undefined {
    return this.#filed.opening;
  }

  /**
   * The transaction is committed at the broker. `offsets` are those of the changelogs behind it.
   * Where the disk refuses, it throws and the log is as it was: the task must be closed, and the
   * next one reads the changelogs from there.
   */
  commit(offsets: ReadonlyMap<string, number>): void {
    if (!this.#isPrepared) this.prepare();
    this.#isPrepared = false;
    failPoint?.('streams-before-local-log');
    if (this.#files !== undefined && this.#hasNews(offsets)) this.#append(offsets);
    this.#orFail(() => this.#filed.commit(offsets));
    for (const [store, offset] of offsets) this.#offsets.set(store, offset);
    failPoint?.('streams-after-local-log');
    this.#trySnapshot((files) => this.#finishSnapshot(files));
  }

  /**
   * Takes down what the open transaction has written. What is written from now on belongs to the
   * next one, while the end of this one is on its way: `commit` follows. Where it fails instead,
   * the task must be closed, since its stores are beyond the commit before.
   */
  prepare(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#isPrepared = true;
    if (this.#files !== undefined) this.#takeDown();
    for (const store of this.#inMemory) store.settle();
    this.#filed.prepare();
    this.#trySnapshot((files) => this.#stepSnapshot(files));
  }

  /** The open transaction is aborted: all stores are as they were at the commit before. */
  abort(): void {
    for (const store of this.#stores) store.revert();
    for (const store of this.#inMemory) store.revert();
    this.#filed.revert();
  }

  /** What was not committed is not kept. */
  close(): void {
    this.#snapshot?.close();
    this.#snapshot = undefined;
    this.#log?.close();
    this.#log = undefined;
  }

  /**
   * Removes the files: the changelogs are gone or do not fit any more. Rows in memory are cleared.
   */
  erase(): void {
    this.close();
    for (const store of [...this.#stores, ...this.#inMemory]) store.clear();
    this.#filed.erase();
    this.#offsets.clear();
    this.#isPrepared = false;
    const files = this.#files;
    if (files === undefined) return;
    files.removeAll();
    this.#openLog(files, 1);
    this.#logBytes = 0;
  }

  /** Writes all of a snapshot at once, for those who copy the directory. */
  snapshotNow(): void {
    if (this.#files === undefined) return;
    this.#nextSnapshotBytes = 0;
    this.#trySnapshot((files) => {
      this.#stepSnapshot(files);
      this.#snapshot!.step(Number.POSITIVE_INFINITY);
      this.#finishSnapshot(files);
    });
  }

  #hasNews(offsets: ReadonlyMap<string, number>): boolean {
    if (this.#hasRows) return true;
    return this.#stores.some(({ name }) => {
      const offset = offsets.get(name);
      return offset !== undefined && offset !== this.#offsets.get(name);
    });
  }

  /** Rows are settled as they are written down, while what is looked at is at hand. */
  #takeDown(): void {
    const writer = this.#writer;
    writer.begin(RECORD.COMMIT);
    this.#hasRows = false;
    this.#offsetsAt = this.#stores.map((store, number) => {
      const { table } = store;
      if (table.journal.count > 0) this.#hasRows = true;
      const offsetAt = writer.beginStore(number, NO_OFFSET, store.streamTime);
      store.settle((row) => writer.row(table, row));
      writer.endStore();
      return offsetAt;
    });
  }

  #append(offsets: ReadonlyMap<string, number>): void {
    const writer = this.#writer;
    for (const [number, { name }] of this.#stores.entries()) {
      const offset = offsets.get(name) ?? this.#offsets.get(name) ?? NO_OFFSET;
      writer.setOffset(this.#offsetsAt[number]!, offset);
    }
    this.#orFail(() => this.#log!.append(writer.record, writer.length));
    this.#logBytes += writer.length;
  }

  /** What the disk has refused once is the end of the task. */
  #orFail(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      if (thrown instanceof StateError) this.#failure = thrown;
      throw thrown;
    }
  }

  /** A snapshot that fails is dropped: the logs have everything. The next one comes later. */
  #trySnapshot(work: (files: TaskFiles) => void): void {
    const files = this.#files;
    if (files === undefined) return;
    try {
      work(files);
    } catch (thrown) {
      if (!(thrown instanceof StateError)) throw thrown;
      this.snapshotFailure = thrown;
      this.#snapshot?.drop();
      this.#snapshot = undefined;
      this.#nextSnapshotBytes = this.#logBytes + LOG_BYTES_MIN;
    }
  }

  /** What it writes is not committed yet, but it has no name before it is. */
  #stepSnapshot(files: TaskFiles): void {
    if (this.#snapshot === undefined) {
      if (this.#logBytes < this.#nextSnapshotBytes) return;
      this.#beginSnapshot(files);
    }
    this.#snapshot!.step(Math.max(STEP_BYTES, this.#writer.length * 2));
  }

  #finishSnapshot(files: TaskFiles): void {
    const snapshot = this.#snapshot;
    if (snapshot?.isWhole !== true) return;
    snapshot.finish();
    failPoint?.('streams-snapshot-named');
    this.#nextSnapshotBytes = Math.max(LOG_BYTES_MIN, snapshot.size);
    this.#snapshot = undefined;
    this.snapshotFailure = undefined;
    files.removeBefore(this.#logNumber);
  }

  #beginSnapshot(files: TaskFiles): void {
    const before = this.#log;
    this.#openLog(files, this.#logNumber + 1);
    before?.close();
    const progress = this.#stores.map(
      ({ name, streamTime }): Progress => ({
        offset: this.#offsets.get(name) ?? NO_OFFSET,
        time: streamTime,
      }),
    );
    const number = this.#logNumber;
    const [tmp, path] = [files.unfinished(number), files.snapshot(number)];
    this.#snapshot = new Snapshot(tmp, path, this.#head, this.#stores, progress);
    this.#logBytes = 0;
  }

  /** Where it cannot be written, the log before is still open. */
  #openLog(files: TaskFiles, number: number): void {
    const log = StateFile.create(files.log(number));
    const writer = this.#headWriter;
    writer.begin(RECORD.HEAD);
    writer.text(this.#head);
    log.append(writer.record, writer.length);
    this.#log = log;
    this.#logNumber = number;
  }

  #read(files: TaskFiles): StateOrigin {
    const snapshot = files.snapshots().at(-1);
    const logs = files.logs().filter((number) => number >= (snapshot ?? 0));
    if (snapshot === undefined && logs.length === 0) {
      this.#openLog(files, 1);
      return 'new';
    }
    try {
      const isWhole = this.#readFiles(files, snapshot, logs);
      for (const store of this.#stores) store.loaded(this.#times.get(store) ?? -1);
      return isWhole ? 'read' : 'cut';
    } catch (thrown) {
      if (!(thrown instanceof StateError) || thrown.code !== 'STATE_BYTES') throw thrown;
      this.erase();
      return 'rebuilt';
    }
  }

  /** False where the end of a log was lost. */
  #readFiles(files: TaskFiles, snapshot: number | undefined, logs: readonly number[]): boolean {
    if (snapshot !== undefined) {
      const file = StateFile.open(files.snapshot(snapshot));
      const isWhole = this.#readFile(file, RECORD.END);
      this.#nextSnapshotBytes = Math.max(LOG_BYTES_MIN, file.size);
      file.close();
      if (!isWhole) throw new StateError('STATE_BYTES', `${file.path} is damaged`);
    } else if (logs[0] !== 1) {
      throw new StateError('STATE_BYTES', `${files.directory} has logs but no beginning`);
    }
    files.removeBefore(snapshot ?? 0);
    let isWhole = true;
    for (const number of logs) {
      if (!isWhole) throw new StateError('STATE_BYTES', `${files.log(number)} has a gap before it`);
      this.#log?.close();
      this.#logNumber = number;
      this.#log = StateFile.open(files.log(number));
      const isLast = number === logs.at(-1);
      if (isLast && this.#log.isEmpty) {
        // The process ended while it began the file.
        this.#log.close();
        this.#openLog(files, number);
        break;
      }
      isWhole = this.#readFile(this.#log, undefined);
      this.#logBytes += this.#log.size;
    }
    if (this.#log === undefined) this.#openLog(files, snapshot!);
    return isWhole;
  }

  /** False where the file was cut off, or has not ended with the record that it must end with. */
  #readFile(file: StateFile, last: number | undefined): boolean {
    let head: FileHead | undefined;
    let kind = -1;
    const isWhole = file.read((payload) => {
      kind = payload[0]!;
      if (head === undefined || kind === RECORD.HEAD) {
        if (kind !== RECORD.HEAD) throw new StateError('STATE_BYTES', `${file.path} has no head`);
        head = JSON.parse(payload.toString('utf8', 1)) as FileHead;
        if (head.task !== this.#task) throw foreign(file.path, head.task);
        return;
      }
      const { stores } = head;
      const isStamped = (store: number) => stores[store]?.form.endsWith('stamped') === true;
      readRecord(payload, isStamped, (store) => this.#rowsOf(stores[store]));
    });
    if (head === undefined) throw new StateError('STATE_BYTES', `${file.path} is empty`);
    return isWhole && (last === undefined || kind === last);
  }

  /** Undefined for a store that is not there any more, or has become another one. */
  #rowsOf(known: { readonly name: string; readonly form: string } | undefined) {
    const store = this.#stores.find(({ name }) => name === known?.name);
    if (store === undefined || store.rowForm !== known?.form) return undefined;
    const rows: StoreRows = {
      row: (payload, keyStart, keyEnd, valueStart, valueEnd, stamp) => {
        store.table.loadFrom(payload, keyStart, keyEnd, valueStart, valueEnd, stamp);
      },
      removed: (key) => store.table.load(key, null, NO_OFFSET),
      progress: (offset, time) => {
        if (offset !== NO_OFFSET) this.#offsets.set(store.name, offset);
        this.#times.set(store, time);
      },
    };
    return rows;
  }
}

function foreign(path: string, task: string): StateError {
  return new StateError('STATE_FOREIGN', `${path} is state of task ${task}`);
}

/** Whether the directory of a task has state in it. */
export function hasState(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const files = new TaskFiles(directory);
  return files.logs().length > 0 || files.snapshots().length > 0 || files.hasRows();
}
