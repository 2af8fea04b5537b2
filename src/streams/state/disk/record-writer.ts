import type { ByteTable } from '../engine/byte-table.ts';
import { RECORD_HEAD_BYTES } from './state-file.ts';

const FIRST_BYTES = 4096;
/** Memory beyond it is given back after a record that has filled little of it. */
const KEPT_BYTES = 4 << 20;
const LITTLE = 1 / 8;
const ROW_HEAD_BYTES = 8;
const STAMP_BYTES = 8;
/** Up to so many bytes a loop is quicker than the call into Node. */
const SHORT_BYTES = 48;
const STORE_HEAD_BYTES = 22;

/** What a record says. */
export const RECORD = {
  /** Of a commit: rows of stores with the offsets of their changelogs. */
  COMMIT: 1,
  /** Some rows of a snapshot. */
  ROWS: 2,
  /** A snapshot is whole. Offsets and times are those of the moment at which it began. */
  END: 3,
  /** The first one of each file: JSON with what the stores are. */
  HEAD: 4,
} as const;

/**
 * Builds the payload of a record.
 *
 *   kind (uint8)
 *   for each store: number (uint16)   offset (double, -1 for none)   time (double)   rows (uint32)
 *     for each row: length of the key (uint32)   length of the value (int32, -1 for a removed row)
 *       key   timestamp (double; in stamped stores, with a value)   value
 */
export class RecordWriter {
  #memory = Buffer.allocUnsafe(FIRST_BYTES);
  #at = RECORD_HEAD_BYTES;
  #countAt = 0;
  #rows = 0;

  /** What was built, with room for the head of a record before it. */
  get record(): Buffer {
    return this.#memory;
  }

  get length(): number {
    return this.#at;
  }

  begin(kind: number): void {
    const { length } = this.#memory;
    if (length > KEPT_BYTES && this.#at < length * LITTLE) {
      this.#memory = Buffer.allocUnsafe(FIRST_BYTES);
    }
    this.#at = RECORD_HEAD_BYTES;
    this.#fit(1);
    this.#memory[this.#at++] = kind;
  }

  text(text: string): void {
    this.#fit(Buffer.byteLength(text));
    this.#at += this.#memory.write(text, this.#at);
  }

  /** Returns where the offset stands, for `setOffset`. */
  beginStore(number: number, offset: number, time: number): number {
    this.#fit(STORE_HEAD_BYTES);
    this.#at = this.#memory.writeUInt16LE(number, this.#at);
    const offsetAt = this.#at;
    this.#at = this.#memory.writeDoubleLE(offset, this.#at);
    this.#at = this.#memory.writeDoubleLE(time, this.#at);
    this.#countAt = this.#at;
    this.#rows = 0;
    this.#at += 4;
    return offsetAt;
  }

  /** An offset that is known only after the rows are. */
  setOffset(at: number, offset: number): void {
    this.#memory.writeDoubleLE(offset, at);
  }

  endStore(): void {
    this.#memory.writeUInt32LE(this.#rows, this.#countAt);
  }

  /** A row as it is now. */
  row(table: ByteTable, row: number): void {
    const valueLength = table.valueLength(row);
    this.block(table, table.blockOf(row), table.keyLength(row), valueLength);
  }

  /** A row as a block has it; a value of length -1 says that the row is gone. */
  block(table: ByteTable, block: number, keyLength: number, valueLength: number): void {
    const stampBytes = table.isStamped && valueLength >= 0 ? STAMP_BYTES : 0;
    const bytes = keyLength + stampBytes + Math.max(valueLength, 0);
    this.#fit(ROW_HEAD_BYTES + bytes);
    this.#memory.writeUInt32LE(keyLength, this.#at);
    this.#memory.writeInt32LE(valueLength, this.#at + 4);
    this.#at += ROW_HEAD_BYTES;
    this.#copy(table.arena.chunkOf(block), table.startOf(block), bytes);
    this.#rows++;
  }

  #copy(source: Buffer, start: number, bytes: number): void {
    const memory = this.#memory;
    const at = this.#at;
    this.#at += bytes;
    if (bytes > SHORT_BYTES) source.copy(memory, at, start, start + bytes);
    else for (let i = 0; i < bytes; i++) memory[at + i] = source[start + i]!;
  }

  #fit(bytes: number): void {
    if (this.#at + bytes <= this.#memory.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#memory.length * 2, this.#at + bytes));
    this.#memory.copy(grown, 0, 0, this.#at);
    this.#memory = grown;
  }
}
