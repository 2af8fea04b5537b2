/**
 * The disk of a simulated machine: a real directory in memory, seen through the seams of the log
 * room and of the metadata log, with a picture of what of it would be there after a power loss.
 * `Disks` leads the calls to the disk that they are about.
 *
 * What it models:
 * - A process that dies leaves all that it wrote: the page cache is the system's.
 * - After a power loss a file holds what was synced last, and of what was written since any pages;
 *   its size is any that it had since. Of a directory that was not synced since, the names are those
 *   of some moment since the last sync. Indexes are stored through maps and hold anything.
 * - A call may fail once or for a while: ENOSPC, EIO, EMFILE. The pages that a failed sync covered
 *   are covered by no later one, until they are written again.
 * - Syncs beside the event loop take time, and cover what was written before they began.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { storage, systemStorage } from '../../dist/log/storage.js';
import { Directory, File } from './disk-tree.mjs';

const HOLDER_FILE = '.lock.pid';
const ERRNO = { ENOSPC: 28, EIO: 5, EMFILE: 24 };

export class Disk {
  root;
  /** Nothing is written any more: the process has died in the middle of a call. */
  isDead = false;
  /** Changes until the process dies; below 0: it lives on. */
  changesLeft = -1;
  changes = 0;
  /** Errors to come, by the kind of call: { code, count, chance }. */
  faults = new Map();
  /** Called when the process dies in the middle of a call. */
  onDeath = () => {};
  /** Batches that were to be written in one call, and how many of them were. */
  onGathered = () => {};
  #loop;
  #random;
  #tree = new Directory();
  /** By descriptor; null for one that only reads. */
  #open = new Map();
  /** Maps of files, for as long as the process has them. */
  windows = new Set();
  /** Set by whoever leads the calls here. */
  closeWindow = () => {};
  /** What the log room calls. */
  storage = this.#storage();
  /** What runs beside the event loop. */
  background = {
    remove: (path, onDone) => {
      this.#loop.brokerAfter(this.#random.below(20), () => {
        onDone(errorOf(() => this.#remove(path)));
      });
    },
    write: async (fd, bytes) => {
      const error = errorOf(() => this.storage.write(fd, bytes, 0));
      return error === null ? 0 : (ERRNO[error.code] ?? ERRNO.EIO);
    },
    sync: (fd) => this.#syncLater(this.#fileOf(fd)),
    syncDirectory: (path) => this.#syncLater(this.#at(path)),
  };
  #syncMsMax;

  constructor(root, loop, random, { syncMsMax }) {
    this.root = root;
    this.#loop = loop;
    this.#random = random;
    this.#syncMsMax = syncMsMax;
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
  }

  holds(path) {
    return path === this.root || path.startsWith(`${this.root}/`);
  }

  opened(fd) {
    return this.#open.has(fd);
  }

  /** The system gave the number to somebody else. */
  forget(fd) {
    this.#open.delete(fd);
  }

  #storage() {
    return {
      ...systemStorage,
      open: (path, flags) => this.#openFile(path, flags),
      close: (fd) => {
        this.#open.delete(fd);
        systemStorage.close(fd);
      },
      write: (fd, bytes, at) => {
        this.#change('write');
        systemStorage.write(fd, bytes, at);
        this.#fileOf(fd).write(at, bytes);
      },
      append: (fd, source, sourceAt, length, at) => {
        if (this.isDead) return ERRNO.EIO;
        const code = this.#fault('append');
        if (code !== '') return ERRNO[code];
        if (this.#isLast()) return ERRNO.EIO;
        const errno = systemStorage.append(fd, source, sourceAt, length, at);
        const bytes = source.subarray(sourceAt, sourceAt + length);
        if (errno === 0) this.#fileOf(fd).write(at, bytes);
        return errno;
      },
      appendParts: (fd, source, parts, count, at) => {
        let end = at;
        for (let part = 0; part < count; part++) {
          const length = parts[2 * part + 1];
          const errno = storage.append(fd, source, parts[2 * part], length, end);
          if (errno !== 0) {
            this.onGathered(count, part);
            return errno;
          }
          end += length;
        }
        this.onGathered(count, count);
        return 0;
      },
      truncate: (fd, length) => {
        this.#change('truncate');
        systemStorage.truncate(fd, length);
        this.#fileOf(fd).resize(length);
      },
      reserve: (fd, at, length) => {
        if (this.isDead) return ERRNO.EIO;
        const code = this.#fault('reserve');
        if (code !== '') return ERRNO[code];
        if (this.#isLast()) return ERRNO.EIO;
        const errno = systemStorage.reserve(fd, at, length);
        if (errno === 0) this.#fileOf(fd).reach(at + length);
        return errno;
      },
      sync: (fd) => {
        try {
          this.#change('sync');
        } catch (thrown) {
          if (!this.isDead) this.#fileOf(fd).failSync();
          throw thrown;
        }
        this.#fileOf(fd).sync();
      },
      writeOut: () => {},
      syncDirectory: (path) => {
        this.#change('sync');
        this.#at(path)?.sync();
      },
      rename: (from, to) => {
        this.#change('rename');
        systemStorage.rename(from, to);
        this.#rename(from, to);
      },
      unlink: (path) => {
        this.#change('unlink');
        systemStorage.unlink(path);
        this.#parent(path).remove(nameOf(path));
      },
      removeLater: (path) => this.#remove(path),
      makeDirectory: (path) => {
        this.#change('mkdir');
        systemStorage.makeDirectory(path);
        this.#makeDirectory(path);
      },
    };
  }

  /** For the metadata log: done at once, in the order of the calls. */
  metadataFiles() {
    const { storage } = this;
    return {
      makeDirectory: async (path) => storage.makeDirectory(path),
      list: async (path) => readdirSync(path).sort(),
      read: async (path) => readFileSync(path),
      open: async (path, flags) => {
        const fd = storage.open(path, flags === 'w' ? 'w+' : flags);
        return {
          write: async (bytes, at) => storage.write(fd, bytes, at),
          truncate: async (length) => storage.truncate(fd, length),
          sync: async () => {
            await this.#pause();
            storage.sync(fd);
          },
          close: async () => storage.close(fd),
        };
      },
      rename: async (from, to) => storage.rename(from, to),
      unlink: async (path) => storage.unlink(path),
      syncDirectory: async (path) => storage.syncDirectory(path),
    };
  }

  #pause() {
    if (this.#syncMsMax === 0) return Promise.resolve();
    const ms = this.#random.below(this.#syncMsMax);
    return new Promise((resolve) => this.#loop.brokerAfter(ms, resolve));
  }

  /** Fails when it is due to; dies when this is the change that the process does not live to do. */
  #change(kind) {
    if (this.isDead) throw systemError('EIO');
    const code = this.#fault(kind);
    if (code !== '') throw systemError(code);
    if (this.#isLast()) throw systemError('EIO');
  }

  #fault(kind) {
    const fault = this.faults.get(kind);
    if (fault === undefined || !this.#random.chance(fault.chance)) return '';
    if (--fault.count <= 0) this.faults.delete(kind);
    this.onFault?.(kind, fault.code);
    return fault.code;
  }

  #isLast() {
    this.changes++;
    if (this.changesLeft < 0 || this.changesLeft-- > 0) return false;
    this.isDead = true;
    this.onDeath();
    return true;
  }

  #openFile(path, flags) {
    if (flags !== 'r' && !existsSync(path)) this.#change('create');
    else if (this.#fault('open') !== '') throw systemError('EMFILE');
    const fd = systemStorage.open(path, flags);
    if (flags === 'r') {
      this.#open.set(fd, null);
      return fd;
    }
    const parent = this.#parent(path);
    let file = parent.live.get(nameOf(path));
    if (file === undefined) {
      file = new File(path);
      parent.put(nameOf(path), file);
    } else if (flags === 'w+') {
      file.resize(0);
    }
    this.#open.set(fd, file);
    return fd;
  }

  #fileOf(fd) {
    const file = this.#open.get(fd);
    if (file == null) throw new Error(`a change of a file that was not opened: ${fd}`);
    return file;
  }

  #names(path) {
    return relative(this.root, path)
      .split('/')
      .filter((name) => name !== '');
  }

  /** The node at a path; undefined where there is none. */
  #at(path) {
    let node = this.#tree;
    for (const name of this.#names(path)) node = node?.live.get(name);
    return node;
  }

  #parent(path) {
    const parent = this.#at(dirname(path));
    if (parent === undefined) throw new Error(`nobody made ${dirname(path)}`);
    return parent;
  }

  #makeDirectory(path) {
    let node = this.#tree;
    for (const name of this.#names(path)) {
      if (!node.live.has(name)) node.put(name, new Directory());
      node = node.live.get(name);
    }
  }

  #rename(from, to) {
    const [source, target] = [this.#parent(from), this.#parent(to)];
    const node = source.live.get(nameOf(from));
    if (node === undefined) throw new Error(`nobody made ${from}`);
    if (source === target) {
      source.rename(nameOf(from), nameOf(to));
      return;
    }
    source.remove(nameOf(from));
    target.put(nameOf(to), node);
  }

  #remove(path) {
    if (this.isDead || !existsSync(path)) return;
    this.#change('unlink');
    rmSync(path, { recursive: true, force: true });
    this.#parent(path).remove(nameOf(path));
  }

  #syncLater(node) {
    const finish = node?.beginSync();
    const ms = this.#syncMsMax === 0 ? 0 : this.#random.below(this.#syncMsMax);
    return new Promise((resolve) => {
      this.#loop.brokerAfter(ms, () => {
        const code = this.isDead ? 'EIO' : this.#fault('sync');
        if (code === '') finish?.();
        else if (!this.isDead) node?.failSync?.();
        resolve(code === '' ? 0 : ERRNO[code]);
      });
    });
  }

  /** The process ends: the system closes what it had open. */
  die() {
    this.isDead = true;
    for (const window of this.windows) this.closeWindow(window);
    this.windows.clear();
    this.#open.clear();
    for (const name of readdirSync('/proc/self/fd')) {
      if (pathOf(name).startsWith(`${this.root}/`)) closeSync(Number(name));
    }
  }

  /** Another process begins, with the files as the last one left them. */
  revive() {
    this.isDead = false;
    this.changesLeft = -1;
    this.faults.clear();
    this.#forgetHolder();
  }

  remove() {
    this.die();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The broker that holds the directory without the addon is dead, and has this process's number. */
  #forgetHolder() {
    const path = join(this.root, HOLDER_FILE);
    if (!existsSync(path)) return;
    rmSync(path);
    this.#parent(path).remove(HOLDER_FILE);
  }

  /** The power fails after `die`: what is there from here on is what the disk kept. */
  losePower() {
    const kept = this.#tree.afterPowerLoss(this.#random, this.root);
    rmSync(this.root, { recursive: true, force: true });
    this.#tree = kept;
    writeTree(kept, this.root);
  }
}

function writeTree(directory, path) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const [name, node] of directory.live) {
    if (node instanceof Directory) writeTree(node, join(path, name));
    else writeFileSync(join(path, name), node.sure, { mode: 0o600 });
  }
}

function nameOf(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** '' for a descriptor that was closed by now. */
function pathOf(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

function errorOf(work) {
  try {
    work();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

function systemError(code) {
  const error = new Error(`${code}: simulated`);
  return Object.assign(error, { code, errno: -ERRNO[code] });
}
