/**
 * A file that its owner writes through a map. Blocks are reserved before they are mapped for
 * writing, so that no store can meet a full disk; pages are populated a little ahead of the
 * stores, because one call for many pages costs a fraction of the faults one by one.
 *
 *   0            end of data        populated          reserved = size of the file
 *   +----------------+-----------------+------------------------+
 *   | written        | may be stored   | blocks, zero bytes     |
 */
import { systemCodeOf } from '../base/errors.ts';
import { native } from './native.ts';
import { storage } from './storage.ts';

const PAGE = 4096;
const MIN_POPULATE = 16 * 1024;
const MAX_POPULATE = 256 * 1024;

const ERRNO = { EIO: 5, ENOMEM: 12, EFAULT: 14, ENFILE: 23, EMFILE: 24, ENOSPC: 28 } as const;
const EDQUOT = process.platform === 'darwin' ? 69 : 122;
const PASSING_ERRNOS: readonly number[] = [
  ERRNO.ENOMEM,
  ERRNO.EFAULT,
  ERRNO.ENFILE,
  ERRNO.EMFILE,
  ERRNO.ENOSPC,
  EDQUOT,
];
const NO_WINDOW = -1;
const PASSING_CODES = ['ENOSPC', 'EDQUOT', 'ENOMEM', 'ENFILE', 'EMFILE'];

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Errors that pass when somebody makes room: on the disk, of descriptors, of maps. */
export function isFull(errno: number): boolean {
  return PASSING_ERRNOS.includes(errno);
}

export function isFullError(thrown: unknown): boolean {
  return PASSING_CODES.includes(systemCodeOf(thrown));
}

function errnoOf(thrown: unknown): number {
  const errno = thrown instanceof Error && 'errno' in thrown ? thrown.errno : undefined;
  return typeof errno === 'number' ? Math.abs(errno) : ERRNO.EIO;
}

export class MappedFile {
  readonly path: string;
  /** [0, writableBytes) is populated; stores may go there as far as it is mapped. */
  writableBytes = 0;
  mappedBytes = 0;
  reservedBytes = 0;
  #fd = -1;
  #window = NO_WINDOW;
  #laterBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Makes the file; one of that name must not exist. Throws what the disk says. */
  create(): void {
    this.#fd = storage.open(this.path, 'wx+');
  }

  /** Leaves the file closed until makeRoom() needs it: thousands of files are written rarely. */
  openLater(dataBytes: number): void {
    this.#laterBytes = dataBytes;
  }

  /** Opens a file whose true end is `dataBytes`: what lies behind is cut off. */
  open(dataBytes: number): void {
    this.#fd = storage.open(this.path, 'r+');
    if (storage.sizeOf(this.#fd) > dataBytes) storage.truncate(this.#fd, dataBytes);
    this.reservedBytes = dataBytes;
    this.writableBytes = dataBytes - (dataBytes % PAGE);
  }

  /**
   * Makes [0, end) storable: 0, or the errno that says why not. `reserveTo` is how far to reserve
   * when the reservation is used up; a nearly full disk gets by with what `end` needs.
   */
  makeRoom(end: number, reserveTo: number): number {
    if (end > this.mappedBytes) {
      const errno = this.#tryReserve(end, reserveTo);
      if (errno !== 0) return errno;
    }
    const ahead = Math.min(Math.max(end >> 2, MIN_POPULATE), MAX_POPULATE);
    const until = Math.min(roundUp(end + ahead, PAGE), this.reservedBytes);
    const from = this.writableBytes;
    if (until <= from) return 0;
    const errno = native.populate(this.#window, from, until - from);
    if (errno === 0) this.writableBytes = until;
    return errno;
  }

  #tryReserve(end: number, reserveTo: number): number {
    try {
      return this.#reserve(end, reserveTo);
    } catch (thrown) {
      return errnoOf(thrown);
    }
  }

  #reserve(end: number, reserveTo: number): number {
    if (this.#fd < 0) this.open(this.#laterBytes);
    const before = this.reservedBytes;
    if (end > before) {
      let target = roundUp(Math.max(end, reserveTo), PAGE);
      let errno = storage.reserve(this.#fd, before, target - before);
      if (isFull(errno) && target > roundUp(end, PAGE)) {
        this.#giveBack(before);
        target = roundUp(end, PAGE);
        errno = storage.reserve(this.#fd, before, target - before);
      }
      if (errno !== 0) {
        this.#giveBack(before);
        return errno;
      }
      this.reservedBytes = target;
    }
    return this.#remap();
  }

  /** A reservation that failed half-way must not keep the rest of the disk. */
  #giveBack(reservedBytes: number): void {
    if (storage.sizeOf(this.#fd) > reservedBytes) storage.truncate(this.#fd, reservedBytes);
  }

  #remap(): number {
    const { reservedBytes } = this;
    if (this.#window === NO_WINDOW) this.#window = native.openWindow(this.#fd, reservedBytes);
    else native.growWindow(this.#window, this.#fd, reservedBytes);
    this.mappedBytes = reservedBytes;
    return 0;
  }

  /** Only after makeRoom() has answered 0 for its end. */
  store(at: number, source: Buffer, sourceAt: number, length: number): void {
    native.store(this.#window, at, source, sourceAt, length);
  }

  /** Waits for the disk: for stops and rolls, never for a single append. */
  sync(): void {
    storage.sync(this.#fd);
  }

  /** Drops the map and cuts the file to its data; the descriptor stays for a sync to come. */
  cut(dataBytes: number): void {
    this.unmap();
    if (this.#fd < 0) return;
    storage.truncate(this.#fd, dataBytes);
    this.reservedBytes = dataBytes;
    this.writableBytes = dataBytes - (dataBytes % PAGE);
  }

  unmap(): void {
    if (this.#window !== NO_WINDOW) native.closeWindow(this.#window);
    this.#window = NO_WINDOW;
    this.mappedBytes = 0;
  }

  close(): void {
    this.unmap();
    if (this.#fd >= 0) storage.close(this.#fd);
    this.#fd = -1;
  }
}
