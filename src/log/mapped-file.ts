/**
 * A file that its owner writes through a map, for entries of a few bytes each: an index. No store
 * goes beyond the reserved blocks, and pages are populated a little ahead of the stores, because
 * one call for many pages costs a fraction of the faults one by one.
 *
 *   0            end of data        populated          reserved = size of the file
 *   +----------------+-----------------+------------------------+
 *   | written        | may be stored   | blocks, zero bytes     |
 */
import { errnoOf } from '../base/system-errno.ts';
import { native } from './native.ts';
import { ERRNO, ReservedFile, roundUpToPage } from './reserved-file.ts';

const PAGE = 4096;
const MIN_POPULATE = 16 * 1024;
const MAX_POPULATE = 256 * 1024;
const NO_WINDOW = -1;

export class MappedFile {
  readonly #file: ReservedFile;
  /** [0, #writableBytes) is populated; stores may go there as far as it is mapped. */
  #writableBytes = 0;
  #mappedBytes = 0;
  #window = NO_WINDOW;

  constructor(path: string) {
    this.#file = new ReservedFile(path);
  }

  get reservedBytes(): number {
    return this.#file.reservedBytes;
  }

  /** Makes the file, empty; one of that name must not exist. Throws what the disk says. */
  create(): void {
    this.#file.create();
    this.#file.close();
  }

  /**
   * Leaves the file closed until makeRoom() needs it. What lies behind `dataBytes` is cut off then.
   */
  openLater(dataBytes: number): void {
    this.#file.openLater(dataBytes);
    this.#writableBytes = dataBytes - (dataBytes % PAGE);
  }

  hasRoom(end: number): boolean {
    return end <= this.#writableBytes && end <= this.#mappedBytes;
  }

  /** Makes [0, end) storable: 0, or the errno that says why not. */
  makeRoom(end: number, reserveTo: number): number {
    if (end > this.#mappedBytes) {
      const errno = this.#reserve(end, reserveTo);
      if (errno !== 0) return errno;
    }
    const ahead = Math.min(Math.max(end >> 2, MIN_POPULATE), MAX_POPULATE);
    const until = Math.min(roundUpToPage(end + ahead), this.#mappedBytes);
    const from = this.#writableBytes;
    if (until <= from) return 0;
    const errno = native.populate(this.#window, from, until - from);
    if (errno === 0) this.#writableBytes = until;
    // A full disk gives the same error, but then the file still has its length.
    return errno === ERRNO.EFAULT && this.#file.isCut ? ERRNO.EIO : errno;
  }

  #reserve(end: number, reserveTo: number): number {
    const errno = this.#file.reserve(end, reserveTo);
    if (errno !== 0) return errno;
    try {
      this.#remap();
      return 0;
    } catch (thrown) {
      return errnoOf(thrown);
    }
  }

  #remap(): void {
    const { fd, reservedBytes } = this.#file;
    if (this.#window === NO_WINDOW) this.#window = native.openWindow(fd, reservedBytes);
    else native.growWindow(this.#window, fd, reservedBytes);
    this.#mappedBytes = reservedBytes;
  }

  /** Only after makeRoom() has answered 0 for its end: 0, or EIO where the file lost a page. */
  store(at: number, source: Buffer, sourceAt: number, length: number): number {
    return native.store(this.#window, at, source, sourceAt, length);
  }

  /** Cuts the file to its data: only when no reader is left. */
  cut(dataBytes: number): void {
    this.#unmap();
    this.#file.cut(dataBytes);
  }

  #unmap(): void {
    if (this.#window !== NO_WINDOW) native.closeWindow(this.#window);
    this.#window = NO_WINDOW;
    this.#mappedBytes = 0;
  }

  close(): void {
    this.#unmap();
    this.#file.close();
  }
}
