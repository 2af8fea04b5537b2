import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { installStorage, storage, systemStorage } from '../../src/log/storage.ts';

const PAGE = 4096;

/** What was done to one file, in order; the number is that of the event over all files. */
type Change =
  | { readonly kind: 'write'; readonly event: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly event: number; readonly size: number }
  | { readonly kind: 'sync'; readonly event: number };

class RecordedFile {
  readonly changes: Change[] = [];
  size = 0;
}

/** A name in a directory that came, or went (null). */
interface Entry {
  readonly event: number;
  readonly path: string;
  readonly file: RecordedFile | null;
}

/**
 * Records what a log asks of the disk, at the seam of the log room, and builds from it what a disk
 * may hold after a power loss: of what was not synced, any pages, any of the sizes that the file
 * had, and the names of a directory up to any point.
 */
export class DiskRecorder {
  readonly #root: string;
  readonly #entries: Entry[] = [];
  readonly #directorySyncs: { readonly event: number; readonly path: string }[] = [];
  readonly #byPath = new Map<string, RecordedFile>();
  readonly #byDescriptor = new Map<number, RecordedFile>();
  event = 0;

  constructor(root: string) {
    this.#root = root;
  }

  install(): void {
    installStorage({
      ...systemStorage,
      open: (path, flags) => {
        const fd = systemStorage.open(path, flags);
        this.#opened(fd, path, flags === 'w+');
        return fd;
      },
      write: (fd, bytes, at) => {
        systemStorage.write(fd, bytes, at);
        this.#write(this.#byDescriptor.get(fd), at, bytes);
      },
      append: (fd, source, sourceAt, length, at) => {
        const errno = systemStorage.append(fd, source, sourceAt, length, at);
        const bytes = source.subarray(sourceAt, sourceAt + length);
        if (errno === 0) this.#write(this.#byDescriptor.get(fd), at, bytes);
        return errno;
      },
      appendParts: (fd, source, parts, count, at) => {
        let end = at;
        for (let part = 0; part < 2 * count; part += 2) {
          const length = parts[part + 1]!;
          const errno = storage.append(fd, source, parts[part]!, length, end);
          if (errno !== 0) return errno;
          end += length;
        }
        return 0;
      },
      truncate: (fd, length) => {
        systemStorage.truncate(fd, length);
        this.#resize(this.#byDescriptor.get(fd), length);
      },
      reserve: (fd, at, length) => {
        const errno = systemStorage.reserve(fd, at, length);
        const file = this.#byDescriptor.get(fd);
        if (errno === 0 && file !== undefined) this.#resize(file, Math.max(file.size, at + length));
        return errno;
      },
      sync: (fd) => {
        systemStorage.sync(fd);
        this.synced(fd);
      },
      syncDirectory: (path) => {
        systemStorage.syncDirectory(path);
        this.directorySynced(path);
      },
      rename: (from, to) => {
        systemStorage.rename(from, to);
        const file = this.#byPath.get(from) ?? null;
        this.#name(to, file);
        this.#name(from, null);
      },
      unlink: (path) => {
        systemStorage.unlink(path);
        this.#name(path, null);
      },
      removeLater: (path) => {
        systemStorage.removeLater(path);
        this.#name(path, null);
      },
    });
  }

  uninstall(): void {
    installStorage(systemStorage);
  }

  synced(fd: number): void {
    this.#byDescriptor.get(fd)?.changes.push({ kind: 'sync', event: this.event++ });
  }

  directorySynced(path: string): void {
    this.#directorySyncs.push({ event: this.event++, path });
  }

  #opened(fd: number, path: string, empties: boolean): void {
    let file = this.#byPath.get(path);
    if (file === undefined) {
      file = new RecordedFile();
      this.#name(path, file);
    } else if (empties) {
      this.#resize(file, 0);
    }
    this.#byDescriptor.set(fd, file);
  }

  #name(path: string, file: RecordedFile | null): void {
    this.#entries.push({ event: this.event++, path, file });
    if (file === null) this.#byPath.delete(path);
    else this.#byPath.set(path, file);
  }

  #write(file: RecordedFile | undefined, at: number, bytes: Buffer): void {
    if (file === undefined) throw new Error('a write to a file that nobody opened');
    file.changes.push({ kind: 'write', event: this.event++, at, bytes: Buffer.from(bytes) });
    file.size = Math.max(file.size, at + bytes.length);
  }

  #resize(file: RecordedFile | undefined, size: number): void {
    if (file === undefined) throw new Error('a size for a file that nobody opened');
    file.changes.push({ kind: 'size', event: this.event++, size });
    file.size = size;
  }

  /** Writes to `target` what the disk may hold when the power fails before event `crash`. */
  build(target: string, crash: number, random: () => number): void {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const [path, file] of this.#namesAfter(crash, random)) {
      const place = join(target, path.slice(this.#root.length));
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, contentAfter(file, basename(path), crash, random));
    }
  }

  #namesAfter(crash: number, random: () => number): Map<string, RecordedFile> {
    const directories = new Set(this.#entries.map(({ path }) => dirname(path)));
    const names = new Map<string, RecordedFile>();
    for (const directory of directories) {
      const syncs = this.#directorySyncs.filter(
        ({ event, path }) => event < crash && path === directory,
      );
      const sure = syncs.at(-1)?.event ?? -1;
      const until = sure + 1 + Math.floor(random() * (crash - sure));
      for (const { event, path, file } of this.#entries) {
        if (event >= until || dirname(path) !== directory) continue;
        if (file === null) names.delete(path);
        else names.set(path, file);
      }
    }
    return names;
  }
}

function contentAfter(
  file: RecordedFile,
  name: string,
  crash: number,
  random: () => number,
): Buffer {
  const changes = file.changes.filter(({ event }) => event < crash);
  const lastSync = changes.findLastIndex(({ kind }) => kind === 'sync');
  const sure = apply(changes.slice(0, lastSync + 1));
  const all = apply(changes);
  const sizes = [sure.length, all.length];
  for (const change of changes.slice(lastSync + 1)) {
    if (change.kind === 'size') sizes.push(change.size);
  }
  const size = sizes[Math.floor(random() * sizes.length)]!;
  const content = Buffer.alloc(size);
  sure.copy(content, 0, 0, Math.min(size, sure.length));
  for (let at = 0; at < size; at += PAGE) {
    if (at < all.length && random() < 0.5) all.copy(content, at, at, Math.min(size, at + PAGE));
  }
  // The stores into indexes are not recorded: anything may be there.
  if (/index$/.test(name) && random() < 0.7) content.fill(Math.floor(random() * 256));
  return content;
}

function apply(changes: readonly Change[]): Buffer {
  let size = 0;
  let content = Buffer.alloc(0);
  for (const change of changes) {
    if (change.kind === 'sync') continue;
    size = change.kind === 'size' ? change.size : Math.max(size, change.at + change.bytes.length);
    if (size > content.length) {
      content = Buffer.concat([content, Buffer.alloc(size - content.length)]);
    } else if (change.kind === 'size') {
      content = Buffer.from(content.subarray(0, size));
    }
    if (change.kind === 'write') change.bytes.copy(content, change.at);
  }
  return content;
}
