import type { MetadataFile, MetadataFiles } from '../../src/metadata/metadata-files.ts';

interface Inode {
  /** What a reader sees, and what a killed process leaves behind. */
  bytes: Buffer;
  /** What is still there after a power cut. */
  synced: Buffer;
}

/** How the disk ends: the process is killed, or the power goes and takes what was not synced. */
export type Ending = 'killed' | 'power-cut' | 'power-cut-torn';

/** How much of the operation at which life ends was done. */
export type LastGasp = 'nothing' | 'half' | 'all';

const SECTOR_BYTES = 16;

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** A disk in memory that knows what was synced, counts what is done to it, and can fail or end. */
export class MemoryDisk implements MetadataFiles {
  #entries = new Map<string, Inode>();
  #syncedEntries = new Map<string, Inode>();
  operations = 0;
  /** The operation at which life ends; 0 for never. */
  dieAt = 0;
  lastGasp: LastGasp = 'nothing';
  /** Operations by name that fail, each once, before they do anything. */
  readonly failures: { name: string; code: string }[] = [];
  /** Bytes that writes may still add before the disk is full. */
  freeBytes = Number.POSITIVE_INFINITY;
  #dead = false;

  names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  bytesOf(path: string): Buffer {
    return this.#entries.get(path)!.bytes;
  }

  put(path: string, bytes: Buffer): void {
    const inode = { bytes, synced: bytes };
    this.#entries.set(path, inode);
    this.#syncedEntries.set(path, inode);
  }

  /** The disk as the next process finds it: after a kill, with as little synced as before it. */
  after(ending: Ending, random: () => number): MemoryDisk {
    const disk = new MemoryDisk();
    if (ending === 'killed') {
      const copies = new Map<Inode, Inode>();
      const copied = (entries: Map<string, Inode>) =>
        new Map(
          [...entries].map(([name, inode]) => {
            const copy = copies.get(inode) ?? { ...inode };
            copies.set(inode, copy);
            return [name, copy] as const;
          }),
        );
      disk.#entries = copied(this.#entries);
      disk.#syncedEntries = copied(this.#syncedEntries);
      return disk;
    }
    const names = new Set([...this.#entries.keys(), ...this.#syncedEntries.keys()]);
    for (const name of names) {
      const torn = ending === 'power-cut-torn';
      const entries = torn && random() < 0.5 ? this.#entries : this.#syncedEntries;
      const inode = entries.get(name);
      if (inode !== undefined) disk.put(name, torn ? tornBytes(inode, random) : inode.synced);
    }
    return disk;
  }

  async #step(name: string, doPart: (gasp: LastGasp) => void): Promise<void> {
    await null;
    if (this.#dead) throw systemError('EDEAD');
    const failure = this.failures[0];
    if (failure?.name === name) {
      this.failures.shift();
      throw systemError(failure.code);
    }
    this.operations++;
    if (this.operations === this.dieAt) {
      this.#dead = true;
      if (this.lastGasp !== 'nothing') doPart(this.lastGasp);
      throw systemError('EDEAD');
    }
    doPart('all');
  }

  makeDirectory(): Promise<void> {
    return this.#step('makeDirectory', () => {});
  }

  async list(path: string): Promise<string[]> {
    const prefix = `${path}/`;
    const inside = this.names().filter((name) => name.startsWith(prefix));
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0]!))];
  }

  async read(path: string): Promise<Buffer> {
    const inode = this.#entries.get(path);
    if (inode === undefined) throw systemError('ENOENT');
    return Buffer.from(inode.bytes);
  }

  async open(path: string, flags: 'r+' | 'w'): Promise<MetadataFile> {
    await this.#step('open', () => {
      const inode = this.#entries.get(path);
      if (flags === 'r+' && inode === undefined) throw systemError('ENOENT');
      if (inode === undefined) this.#entries.set(path, { bytes: EMPTY, synced: EMPTY });
      else if (flags === 'w') inode.bytes = EMPTY;
    });
    return this.#fileOf(this.#entries.get(path)!);
  }

  #fileOf(inode: Inode): MetadataFile {
    return {
      write: (bytes, at) =>
        this.#step('write', (gasp) => {
          const fits = Math.min(bytes.length, this.freeBytes);
          const length = gasp === 'half' ? Math.floor(fits / 2) : fits;
          this.freeBytes -= length;
          inode.bytes = overlaid(inode.bytes, bytes.subarray(0, length), at);
          if (fits < bytes.length) throw systemError('ENOSPC');
        }),
      truncate: (length) =>
        this.#step('truncate', () => {
          inode.bytes = inode.bytes.subarray(0, length);
        }),
      sync: () =>
        this.#step('sync', () => {
          inode.synced = inode.bytes;
        }),
      close: async () => {},
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step('rename', () => {
      this.#entries.set(to, this.#entries.get(from)!);
      this.#entries.delete(from);
    });
  }

  unlink(path: string): Promise<void> {
    return this.#step('unlink', () => {
      this.#entries.delete(path);
    });
  }

  syncDirectory(): Promise<void> {
    return this.#step('syncDirectory', () => {
      this.#syncedEntries = new Map(this.#entries);
    });
  }
}

const EMPTY = Buffer.alloc(0);

function overlaid(before: Buffer, bytes: Buffer, at: number): Buffer {
  const after = Buffer.alloc(Math.max(before.length, at + bytes.length));
  before.copy(after);
  bytes.copy(after, at);
  return after;
}

/** Of what was written since the last sync some sectors got to the disk and some did not. */
function tornBytes({ bytes, synced }: Inode, random: () => number): Buffer {
  const torn = Buffer.alloc(random() < 0.5 ? bytes.length : synced.length);
  for (let at = 0; at < torn.length; at += SECTOR_BYTES) {
    const source = random() < 0.5 ? bytes : synced;
    if (at < source.length) source.copy(torn, at, at, at + SECTOR_BYTES);
  }
  return torn;
}

/** A generator whose numbers follow from its seed alone. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
