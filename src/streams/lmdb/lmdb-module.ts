/** What is used of `lmdb`, an optional package. It is loaded when the first store asks for it. */
import { createRequire } from 'node:module';
import { systemCodeOf } from '../../base/errors.ts';
import { StateError } from '../state/state-error.ts';

/** A read transaction. */
export interface LmdbReadTransaction {
  done(): void;
}

/** Which rows, and of which transaction. */
export interface LmdbRange {
  readonly start: Uint8Array;
  readonly end?: Uint8Array;
  readonly reverse?: boolean;
  readonly inclusiveEnd?: boolean;
  readonly transaction: LmdbReadTransaction;
}

/** A row. */
export interface LmdbEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** An open file. */
export interface LmdbDatabase {
  /** Of the value that was read last. */
  readonly lastSize: number;
  readonly status: string;
  getBinaryFast(
    key: Uint8Array,
    options?: { readonly transaction: LmdbReadTransaction },
  ): Uint8Array | undefined;
  getRange(range: LmdbRange): Iterable<LmdbEntry>;
  useReadTransaction(): LmdbReadTransaction;
  putSync(key: Uint8Array, value: Uint8Array): boolean;
  removeSync(key: Uint8Array): boolean;
  clearSync(): void;
  transactionSync(work: () => void): void;
  getStats(): { readonly entryCount: number };
  /** Where nothing is under way, it is closed when the call returns. */
  close(): void;
}

/** The package. */
export interface LmdbModule {
  open(options: {
    readonly path: string;
    readonly readOnly?: boolean;
    readonly noSync: true;
    readonly noSubdir: true;
    readonly keyEncoding: 'binary';
    readonly encoding: 'binary';
  }): LmdbDatabase;
}

const require = createRequire(import.meta.url);

/** The package `lmdb`. Throws where it is not installed, or has no binary for this platform. */
export function loadLmdb(): LmdbModule {
  try {
    return require('lmdb') as LmdbModule;
  } catch (thrown) {
    const isMissing = systemCodeOf(thrown) === 'MODULE_NOT_FOUND';
    const how = isMissing ? 'is not installed: npm install lmdb' : 'cannot be loaded here';
    const what = `stores in lmdb need the package lmdb, which ${how}`;
    throw new StateError('STATE_ARGUMENT', what, thrown);
  }
}

/** Opens a file as stores use it. Nothing is synced: what the kernel has survives the process. */
export function openLmdb(path: string, readOnly = false): LmdbDatabase {
  return loadLmdb().open({
    path,
    readOnly,
    noSync: true,
    noSubdir: true,
    keyEncoding: 'binary',
    encoding: 'binary',
  });
}
