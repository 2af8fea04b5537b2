/**
 * The file calls of the metadata log. Tests replace them to let a call fail, or to end the process
 * at a call.
 */
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { isWindows, soonFree } from '../base/windows-files.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

export interface MetadataFile {
  write(bytes: Buffer, at: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** fdatasync */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface MetadataFiles {
  makeDirectory(path: string): Promise<void>;
  list(path: string): Promise<string[]>;
  read(path: string): Promise<Buffer>;
  /** 'r+' opens an existing file, 'w' makes a new one or empties an old one. */
  open(path: string, flags: 'r+' | 'w'): Promise<MetadataFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

class SystemFile implements MetadataFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Buffer, at: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const left = bytes.length - done;
      done += (await this.#handle.write(bytes, done, left, at + done)).bytesWritten;
    }
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** For a temporary directory, which nobody reads after a power loss: nothing is synced. */
class UnsyncedFile extends SystemFile {
  override sync(): Promise<void> {
    return Promise.resolve();
  }
}

export const systemFiles: MetadataFiles = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  },
  list: (path) => readdir(path),
  read: (path) => readFile(path),
  open: async (path, flags) => new SystemFile(await open(path, flags, FILE_MODE)),
  rename: (from, to) => soonFree(() => rename(from, to)),
  unlink: (path) => soonFree(() => unlink(path)),
  async syncDirectory(path) {
    if (isWindows) return;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

export const unsyncedFiles: MetadataFiles = {
  ...systemFiles,
  open: async (path, flags) => new UnsyncedFile(await open(path, flags, FILE_MODE)),
  syncDirectory: () => Promise.resolve(),
};
