/**
 * The contract between the broker and what is below it. The addon fulfils it with system calls and
 * maps; `portable/` does so in JavaScript with node:fs. What the two do differently is said there.
 */
interface ByteCalls {
  /** CRC-32C of buffer[start, end). */
  crc32c(buffer: Uint8Array, start: number, end: number): number;
  /** The same by tables: the fallback where the processor has no instruction for it. */
  crc32cPortable(buffer: Uint8Array, start: number, end: number): number;
  /** memcpy between any two buffers, private, shared or mapped; throws outside their bounds. */
  copy(
    source: Uint8Array,
    sourceAt: number,
    target: Uint8Array,
    targetAt: number,
    length: number,
  ): void;
}

interface MemoryCalls {
  /** From now on the process keeps little of what it frees. */
  boundSpareMemory(): void;
  /** The system gets back the pages of all memory that was freed. */
  trimMemory(): void;
  /** The bytes are used no more. The addon gives their pages back, and they read as zeros. */
  discard(bytes: Uint8Array): void;
}

interface MapCalls {
  /** The collector unmaps it. What the disk does not give reads as zeros: the map is lost. */
  mapReadOnly(fd: number, length: number): Buffer;
  /** Zeros, backed by the system as they are written. */
  mapMemory(length: number): Buffer;
  /** Unmaps at once and leaves the buffer empty; false when it was no live map. */
  unmap(buffer: Buffer): boolean;
  isLost(buffer: Buffer): boolean;
  /** No byte of the map can be had any more: what a socket still has to send of it fails. */
  spoil(buffer: Buffer): boolean;
  /** Pages of all maps of the process that were lost so far. */
  mapFaults(): number;
}

/** For files that are written. */
interface FileCalls {
  /** Blocks for [offset, offset + length) and a file that reaches there: 0 or an errno. */
  reserve(fd: number, offset: number, length: number): number;
  /** Writes source[sourceAt, sourceAt + length) at `at` of the file: 0 or an errno. */
  write(fd: number, source: Uint8Array, sourceAt: number, length: number, at: number): number;
  /**
   * Writes parts of `source`, a position and a length each, behind one another from `at` on: 0, or
   * an errno where not all of them were written. At most 64 parts.
   */
  writeParts(fd: number, source: Uint8Array, parts: Int32Array, count: number, at: number): number;
  /** Has the disk take the pages of [at, at + length) and waits: no sync. 0 or an errno. */
  writeOut(fd: number, at: number, length: number): number;
  /** A writable map, for store() alone. Stores beyond what reserve() covered are lost. */
  openWindow(fd: number, length: number): number;
  growWindow(window: number, fd: number, length: number): void;
  closeWindow(window: number): void;
  /** 0, or EIO where a store, this one or one before, met a page that the disk does not give. */
  store(window: number, at: number, source: Uint8Array, sourceAt: number, length: number): number;
  /** Takes the write faults of reserved pages ahead of the stores: 0 or an errno. */
  populate(window: number, at: number, length: number): number;
  /** Takes an exclusive lock that ends with the descriptor or the process: 0 or an errno. */
  lockFile(fd: number): number;
}

interface BatchCalls {
  /**
   * Steps over sound batches of [at, end) whose base offsets follow each other from `offset` on,
   * until more than `budget` bytes are behind: the position where it stopped. Fills `found` with
   * the next offset, the largest timestamp and the last offset of the batch that has it.
   */
  scanBatches(
    bytes: Buffer,
    at: number,
    end: number,
    offset: number,
    budget: number,
    found: Float64Array,
  ): number;
  /** The first batch of [at, end) that has a producer id, or what is no batch. */
  skipPlainBatches(bytes: Buffer, at: number, end: number): number;
  /** Judges the records in bytes[start, end) as portableWalkRecords does. */
  walkRecords(
    bytes: Uint8Array,
    start: number,
    end: number,
    count: number,
    keysRequired: boolean,
    minDelta: number,
    maxDelta: number,
  ): boolean;
}

/** Of the addon a number; without it shared memory. Both can be sent to another thread. */
export type BellHandle = number | SharedArrayBuffer;

interface ThreadCalls {
  /** The calling thread gives way to those of less niceness: 0 or an errno. */
  lowerPriority(nice: number): number;
  /** A handle that any thread may ring; the callback runs on this thread, coalesced. */
  createBell(callback: () => void): BellHandle;
  ringBell(handle: BellHandle): void;
  closeBell(handle: BellHandle): void;
}

/** What the log room and those above it ask of the system. The addon gives it, or JavaScript. */
export interface NativeCalls
  extends ByteCalls,
    MemoryCalls,
    MapCalls,
    FileCalls,
    BatchCalls,
    ThreadCalls {}
