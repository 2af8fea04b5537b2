/**
 * A file of checked records, which is only appended to. All numbers are little-endian.
 *
 *   "MLST"   form of the file (uint32)
 *   for each record: length of the payload (uint32)   CRC-32C of the payload (uint32)   payload
 *
 * A record that was cut off, or whose bytes changed, ends what can be read. Nothing is synced: what
 * the kernel has survives the process, and after a power cut the changelog is the truth.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32c } from '../../../records/crc32c.ts';
import { StateError } from '../state-error.ts';
import { diskError, onDisk } from './on-disk.ts';

const MAGIC = 'MLST';
const FORM = 1;
const FILE_HEAD_BYTES = 8;
export const RECORD_HEAD_BYTES = 8;
const READ_BYTES = 4 << 20;

export class StateFile {
  readonly path: string;
  readonly #fd: number;
  #size: number;

  private constructor(path: string, fd: number, size: number) {
    this.path = path;
    this.#fd = fd;
    this.#size = size;
  }

  /** A new file; one that is there is emptied. */
  static create(path: string): StateFile {
    const head = Buffer.alloc(FILE_HEAD_BYTES);
    head.write(MAGIC, 'latin1');
    head.writeUInt32LE(FORM, MAGIC.length);
    const fd = written(path, () => openSync(path, 'w+'));
    const file = new StateFile(path, fd, 0);
    file.#write(head, head.length);
    return file;
  }

  static open(path: string): StateFile {
    const fd = written(path, () => openSync(path, 'r+'));
    return new StateFile(path, fd, fstatSync(fd).size);
  }

  get size(): number {
    return this.#size;
  }

  /** Whether not even its first record was written whole. */
  get isEmpty(): boolean {
    const end = FILE_HEAD_BYTES + RECORD_HEAD_BYTES;
    if (this.#size < end) return true;
    const length = Buffer.alloc(4);
    readSync(this.#fd, length, 0, 4, FILE_HEAD_BYTES);
    return this.#size < end + length.readUInt32LE(0);
  }

  /**
   * Appends the record whose payload stands in `record` behind room for its head. Where the disk
   * refuses, the file is as it was before.
   */
  append(record: Buffer, length: number): void {
    const payload = length - RECORD_HEAD_BYTES;
    record.writeUInt32LE(payload, 0);
    record.writeUInt32LE(crc32c(record, RECORD_HEAD_BYTES, length), 4);
    this.#write(record, length);
  }

  /**
   * Calls for each whole record, with its payload in place. Returns whether all of the file was
   * read; what could not be read is cut off.
   */
  read(take: (payload: Buffer) => void): boolean {
    const end = this.#size;
    let at = this.#readHead();
    let memory = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(end - at, RECORD_HEAD_BYTES)));
    while (at + RECORD_HEAD_BYTES <= end) {
      const count = this.#readAt(memory, at);
      const used = takeRecords(memory, count, take);
      at += used.bytes;
      if (used.isDamaged || used.needed > end - at) break;
      if (used.needed > memory.length) memory = Buffer.allocUnsafe(used.needed);
      else if (used.bytes === 0) break;
    }
    if (at === end) return true;
    this.#cut(at);
    return false;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #readHead(): number {
    const head = Buffer.alloc(FILE_HEAD_BYTES);
    const count = readSync(this.#fd, head, 0, FILE_HEAD_BYTES, 0);
    const isOurs = count === FILE_HEAD_BYTES && head.toString('latin1', 0, 4) === MAGIC;
    if (isOurs && head.readUInt32LE(MAGIC.length) === FORM) return FILE_HEAD_BYTES;
    throw new StateError('STATE_BYTES', `${this.path} is no file of state that this version knows`);
  }

  #readAt(memory: Buffer, at: number): number {
    let done = 0;
    while (done < memory.length) {
      const count = readSync(this.#fd, memory, done, memory.length - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  #write(bytes: Buffer, length: number): void {
    const before = this.#size;
    try {
      let done = 0;
      while (done < length) {
        done += writeSync(this.#fd, bytes, done, length - done, before + done);
      }
    } catch (thrown) {
      this.#cut(before);
      throw diskError(`${this.path} cannot be written`, thrown);
    }
    this.#size += length;
  }

  #cut(size: number): void {
    written(this.path, () => ftruncateSync(this.#fd, size));
    this.#size = size;
  }
}

interface Taken {
  /** Of whole records. */
  readonly bytes: number;
  /** Of the record that begins behind them. */
  readonly needed: number;
  readonly isDamaged: boolean;
}

function takeRecords(memory: Buffer, count: number, take: (payload: Buffer) => void): Taken {
  let at = 0;
  let needed = RECORD_HEAD_BYTES;
  while (at + RECORD_HEAD_BYTES <= count) {
    const length = memory.readUInt32LE(at);
    needed = RECORD_HEAD_BYTES + length;
    if (at + needed > count) break;
    const start = at + RECORD_HEAD_BYTES;
    const isWhole = crc32c(memory, start, start + length) === memory.readUInt32LE(at + 4);
    if (!isWhole) return { bytes: at, needed, isDamaged: true };
    take(memory.subarray(start, start + length));
    at += needed;
    needed = RECORD_HEAD_BYTES;
  }
  return { bytes: at, needed, isDamaged: false };
}

function written<T>(path: string, call: () => T): T {
  return onDisk(`${path} cannot be written`, call);
}
