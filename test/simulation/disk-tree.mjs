/** What of files and directories would be there after a power loss. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 4096;
const NOTHING = Buffer.alloc(0);

export class File {
  /** What the last sync left on the disk. */
  sure = NOTHING;
  size = 0;
  /** Since then, in order: { at, bytes } or { size }. */
  #changes = [];
  #syncedChanges = 0;
  /** Pages that a failed sync left behind: the system takes them for clean until they change. */
  #dropped = new Set();
  #isIndex;
  #path;

  constructor(path) {
    this.#path = path;
    this.#isIndex = path.endsWith('index');
  }

  static of(path, content) {
    const file = new File(path);
    file.sure = content;
    file.size = content.length;
    return file;
  }

  write(at, bytes) {
    this.#changes.push({ at, bytes: Buffer.from(bytes) });
    for (const page of pagesOf(at, bytes.length)) this.#dropped.delete(page);
    this.size = Math.max(this.size, at + bytes.length);
  }

  resize(size) {
    this.#changes.push({ size });
    this.size = size;
  }

  reach(size) {
    if (size > this.size) this.resize(size);
  }

  sync() {
    this.beginSync()();
  }

  /** Covers what was written so far; to be called when the disk says that it is done. */
  beginSync() {
    const covered = this.#syncedChanges + this.#changes.length;
    return () => {
      // Below 0 when another sync was faster, and covered more.
      const count = Math.max(0, covered - this.#syncedChanges);
      const changes = this.#changes.splice(0, count);
      this.#syncedChanges += count;
      const before = this.sure;
      this.sure = this.#isIndex ? this.#stored(this.sure) : applied(this.sure, changes);
      for (const page of this.#dropped) this.#restore(page * PAGE, before);
    };
  }

  /** No later sync covers what this one should have covered. */
  failSync() {
    for (const { at, bytes } of this.#changes) {
      if (bytes === undefined) continue;
      for (const page of pagesOf(at, bytes.length)) this.#dropped.add(page);
    }
  }

  /** The disk still has of this page what it had. */
  #restore(at, before) {
    const end = Math.min(at + PAGE, this.sure.length);
    if (at >= end) return;
    this.sure = Buffer.from(this.sure);
    this.sure.fill(0, at, end);
    before.copy(this.sure, at, at, Math.min(end, before.length));
  }

  /** Stores into a map are not seen: the file itself is asked. */
  #stored(otherwise) {
    try {
      return readFileSync(this.#path);
    } catch {
      return otherwise; // it was removed or renamed
    }
  }

  afterPowerLoss(random, path) {
    if (this.#isIndex) return File.of(path, this.#indexAfter(random));
    if (this.#changes.length === 0) return File.of(path, this.sure);
    const { sure } = this;
    const all = applied(sure, this.#changes);
    const sizes = [sure.length, all.length];
    for (const change of this.#changes) if (change.size !== undefined) sizes.push(change.size);
    const size = random.pick(sizes);
    const content = Buffer.alloc(size);
    sure.copy(content, 0, 0, Math.min(size, sure.length));
    for (let at = 0; at < size; at += PAGE) {
      if (at < all.length && random.chance(0.5))
        all.copy(content, at, at, Math.min(size, at + PAGE));
    }
    return File.of(path, content);
  }

  #indexAfter(random) {
    const now = this.#stored(this.sure);
    if (now.equals(this.sure)) return this.sure;
    const content = Buffer.from(random.pick([now, this.sure]));
    if (random.chance(0.5)) content.fill(random.below(256));
    return content;
  }
}

function* pagesOf(at, length) {
  const last = Math.floor((at + length - 1) / PAGE);
  for (let page = Math.floor(at / PAGE); page <= last; page++) yield page;
}

function applied(before, changes) {
  let size = before.length;
  let end = size;
  for (const { size: given, at, bytes } of changes) {
    size = given ?? Math.max(size, at + bytes.length);
    end = Math.max(end, size);
  }
  const content = Buffer.alloc(end);
  before.copy(content);
  let reached = before.length;
  for (const { size: given, at, bytes } of changes) {
    if (given !== undefined) {
      if (given < reached) content.fill(0, given, reached);
      reached = given;
    } else {
      bytes.copy(content, at);
      reached = Math.max(reached, at + bytes.length);
    }
  }
  return content.subarray(0, size);
}

export class Directory {
  live = new Map();
  #sure = new Map();
  /** Since the last sync, in order: { name, node or null, from }. */
  #changes = [];
  #syncedChanges = 0;

  put(name, node) {
    this.#change({ name, node });
  }

  remove(name) {
    this.#change({ name, node: null });
  }

  rename(from, to) {
    this.#change({ name: to, node: this.live.get(from), from });
  }

  #change(change) {
    this.#changes.push(change);
    enter(this.live, change);
  }

  sync() {
    this.beginSync()();
  }

  beginSync() {
    const covered = this.#syncedChanges + this.#changes.length;
    return () => {
      const count = Math.max(0, covered - this.#syncedChanges);
      for (const change of this.#changes.splice(0, count)) enter(this.#sure, change);
      this.#syncedChanges += count;
    };
  }

  afterPowerLoss(random, path) {
    const names = new Map(this.#sure);
    const count = random.below(this.#changes.length + 1);
    for (const change of this.#changes.slice(0, count)) enter(names, change);
    const kept = new Directory();
    for (const [name, node] of names) {
      kept.live.set(name, node.afterPowerLoss(random, join(path, name)));
    }
    kept.#sure = new Map(kept.live);
    return kept;
  }
}

function enter(names, { name, node, from }) {
  if (from !== undefined) names.delete(from);
  if (node === null) names.delete(name);
  else names.set(name, node);
}
