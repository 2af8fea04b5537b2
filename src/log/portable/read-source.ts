import { closeSync, openSync, readSync } from 'node:fs';
import { systemCodeOf } from '../../base/errors.ts';
import { BATCH_HEADER_SIZE, sizeInBytes } from '../../records/batch-layout.ts';
import { lostPage } from '../file-map.ts';
import { DELETED_SUFFIX } from '../file-names.ts';
import { OFFSET_ENTRY_BYTES } from '../offset-index.ts';
import type { SegmentSource } from '../segment-source.ts';
import { fileSize } from '../storage.ts';
import { readBytesMax, takeReadMemory } from './read-memory.ts';

const NO_BYTES = Buffer.alloc(0);
const WINDOW_BYTES = 64 * 1024;
const INDEX_READ_BYTES = 16 * 1024;
const LARGE_BYTES = 4 * 1024 * 1024;
/** What is held to step over batches, by one source of the thread at a time. It is never sent. */
const shared: { window: Buffer; owner: ReadSource | null } = {
  window: Buffer.alloc(0),
  owner: null,
};
/** The one that read to send last: only it keeps what it read. */
const sender: { source: ReadSource | null } = { source: null };

/**
 * A segment through reads. It keeps no descriptor: the file is opened for each stretch, so that
 * thousands of partitions can be read, and so that their files can be removed everywhere.
 */
export class ReadSource implements SegmentSource {
  bytes: Buffer = NO_BYTES;
  origin = 0;
  readonly isWhole = false;
  lostPath = '';
  readonly #path: string;
  readonly #indexPath: string;
  #end = 0;
  /** Entries of the index so far, without its zero tail. */
  #index: Buffer = NO_BYTES;
  #indexBytes = 0;
  #indexedBytes = 0;

  constructor(path: string, indexPath: string) {
    this.#path = path;
    this.#indexPath = indexPath;
  }

  hold(start: number, end: number, limit: number): void {
    const isOurs = this.bytes !== shared.window || shared.owner === this;
    if (isOurs && start >= this.origin && end <= this.#end) return;
    const length = Math.min(Math.max(end - start, WINDOW_BYTES), limit - start);
    this.#fill(this.#windowFor(length), start, length);
    if (this.bytes === shared.window) shared.owner = this;
  }

  #windowFor(length: number): Buffer {
    if (length > LARGE_BYTES) return Buffer.allocUnsafeSlow(length);
    if (length > shared.window.length) shared.window = Buffer.allocUnsafeSlow(length);
    return shared.window;
  }

  holdToSend(start: number, maxBytes: number, limit: number): number {
    if (sender.source !== null) sender.source.#forget();
    sender.source = this;
    const wanted = Math.max(Math.min(maxBytes, readBytesMax()), BATCH_HEADER_SIZE);
    const length = Math.min(wanted, limit - start);
    this.#fill(takeReadMemory(length), start, length);
    if (length < BATCH_HEADER_SIZE) return this.#end;
    const firstBytes = sizeInBytes(this.bytes, 0);
    if (firstBytes > length && firstBytes <= limit - start) {
      this.#fill(takeReadMemory(firstBytes), start, firstBytes);
    }
    return this.#end;
  }

  #fill(room: Buffer, start: number, length: number): void {
    this.#forget();
    const fd = openStored(this.#path);
    try {
      this.#fillFrom(fd, room, start, length);
    } finally {
      closeSync(fd);
    }
    this.bytes = room;
    this.origin = start;
    this.#end = start + length;
  }

  #fillFrom(fd: number, room: Buffer, start: number, length: number): void {
    let done = 0;
    while (done < length) {
      const count = this.#read(fd, room, done, length - done, start + done);
      if (count === 0) this.#lose(this.#path);
      done += count;
    }
  }

  #read(fd: number, room: Buffer, at: number, length: number, position: number): number {
    try {
      return readSync(fd, room, at, length, position);
    } catch (thrown) {
      if (systemCodeOf(thrown) === 'EIO') this.#lose(this.#path);
      throw thrown;
    }
  }

  #lose(path: string): never {
    this.lostPath = path;
    throw lostPage(path);
  }

  indexFor(limit: number): Buffer {
    if (limit <= this.#indexedBytes) return this.#index.subarray(0, this.#indexBytes);
    const fileBytes = fileSize(this.#indexPath);
    if (fileBytes >= this.#indexBytes + OFFSET_ENTRY_BYTES) this.#readIndex(fileBytes);
    this.#indexedBytes = limit;
    return this.#index.subarray(0, this.#indexBytes);
  }

  /** Reads on from the last entry so far to the zero tail. */
  #readIndex(fileBytes: number): void {
    const fd = openSync(this.#indexPath, 'r');
    try {
      let isMore = true;
      while (isMore && this.#indexBytes < fileBytes) isMore = this.#readEntries(fd);
    } finally {
      closeSync(fd);
    }
  }

  #readEntries(fd: number): boolean {
    const from = this.#indexBytes;
    const index = withRoom(this.#index, from, from + INDEX_READ_BYTES);
    this.#index = index;
    const count = readSync(fd, index, from, INDEX_READ_BYTES, from);
    const end = from + count - (count % OFFSET_ENTRY_BYTES);
    let at = from;
    while (at < end && index.readInt32BE(at + 4) > 0) at += OFFSET_ENTRY_BYTES;
    this.#indexBytes = at;
    return at === from + INDEX_READ_BYTES;
  }

  spoil(): void {
    this.release();
  }

  release(): void {
    this.#forget();
    this.#index = NO_BYTES;
    this.#indexBytes = 0;
    this.#indexedBytes = 0;
  }

  #forget(): void {
    if (shared.owner === this) shared.owner = null;
    this.bytes = NO_BYTES;
    this.origin = 0;
    this.#end = 0;
  }
}

function withRoom(index: Buffer, filled: number, needed: number): Buffer {
  if (needed <= index.length) return index;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, index.length * 2));
  index.copy(larger, 0, 0, filled);
  return larger;
}

/** Its owner may be done with a segment before its readers hear of it: then it has another name. */
function openStored(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    const nextPath = path + DELETED_SUFFIX;
    if (systemCodeOf(thrown) !== 'ENOENT' || fileSize(nextPath) < 0) throw thrown;
    return openSync(nextPath, 'r');
  }
}
