/**
 * A file whose blocks are reserved ahead of what its owner writes, so that a disk without room is
 * an answer to a request, met before anything of it is stored.
 *
 *   0            end of data                     reserved = size of the file
 *   +----------------+---------------------------------+
 *   | written        | blocks, zero bytes              |
 */
import { isPassingErrno } from '../base/passing-errors.ts';
import { errnoOf } from '../base/system-errno.ts';
import { storage } from './storage.ts';

const PAGE = 4096;
export const ERRNO = { EIO: 5, EFAULT: 14 } as const;

/**
 * Errors that pass when somebody makes room: on the disk, of descriptors, of maps. EFAULT is the
 * answer of a store into a map for whose page the disk has no block.
 */
export function isFull(errno: number): boolean {
  return errno === ERRNO.EFAULT || isPassingErrno(errno);
}

export function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE;
}

export class ReservedFile {
  readonly path: string;
  reservedBytes = 0;
  #fd = -1;
  #laterBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Somebody else made the open file shorter. */
  get isCut(): boolean {
    return storage.sizeOf(this.#fd) < this.reservedBytes;
  }

  /** Makes the file; one of that name must not exist. Throws what the disk says. */
  create(): void {
    this.#fd = storage.open(this.path, 'wx+');
  }

  /** Leaves the file closed until reserve() needs it: thousands of files are written rarely. */
  openLater(dataBytes: number): void {
    this.#laterBytes = dataBytes;
  }

  /** Opens a file whose true end is `dataBytes`: what lies behind is cut off. */
  open(dataBytes: number): void {
    this.#fd = storage.open(this.path, 'r+');
    if (storage.sizeOf(this.#fd) > dataBytes) storage.truncate(this.#fd, dataBytes);
    this.reservedBytes = dataBytes;
  }

  /**
   * Makes [0, end) writable: 0, or the errno that says why not. `reserveTo` is how far to reserve
   * when the reservation is used up; a nearly full disk gets by with what `end` needs.
   */
  reserve(end: number, reserveTo: number): number {
    try {
      if (this.#fd < 0) this.open(this.#laterBytes);
      return end > this.reservedBytes ? this.#extend(end, reserveTo) : 0;
    } catch (thrown) {
      return errnoOf(thrown);
    }
  }

  #extend(end: number, reserveTo: number): number {
    const before = this.reservedBytes;
    const least = roundUpToPage(end);
    let target = roundUpToPage(Math.max(end, reserveTo));
    let errno = storage.reserve(this.#fd, before, target - before);
    if (isFull(errno) && target > least) {
      this.#giveBack(before);
      target = least;
      errno = storage.reserve(this.#fd, before, target - before);
    }
    if (errno === 0) this.reservedBytes = target;
    else this.#giveBack(before);
    return errno;
  }

  /** A reservation that failed half-way must not keep the rest of the disk. */
  #giveBack(reservedBytes: number): void {
    if (storage.sizeOf(this.#fd) > reservedBytes) storage.truncate(this.#fd, reservedBytes);
  }

  /**
   * 0, or the errno that says why not all of it was written. It is a system call and not a store
   * into a map: that costs less than half of the page faults of a fresh page, and a failing disk is
   * an error and not a signal.
   */
  write(at: number, source: Buffer, sourceAt: number, length: number): number {
    return storage.append(this.#fd, source, sourceAt, length, at);
  }

  /** The same for several stretches of `source`, a position and a length each. */
  writeParts(at: number, source: Buffer, parts: Int32Array, count: number): number {
    return storage.appendParts(this.#fd, source, parts, count, at);
  }

  /** Waits for the disk: for stops and rolls, never for a single append. */
  sync(): void {
    storage.sync(this.#fd);
  }

  /** Gives back what is reserved beyond the data; the descriptor stays for a sync to come. */
  cut(dataBytes: number): void {
    if (this.#fd < 0) return;
    storage.truncate(this.#fd, dataBytes);
    this.reservedBytes = dataBytes;
  }

  close(): void {
    if (this.#fd >= 0) storage.close(this.#fd);
    this.#fd = -1;
  }
}
