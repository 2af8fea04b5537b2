/**
 * Maps of whole files for the time of one search or scan. A page that the disk cannot give reads
 * as zeros: whoever acts on what was read gives the map back first, and hears of it there.
 */
import { closeSync, openSync } from 'node:fs';
import { native } from './native.ts';

const NO_BYTES = Buffer.alloc(0);

/** A read-only map of a file's first bytes; an empty buffer for none. */
export function mapFile(path: string, length: number): Buffer {
  if (length === 0) return NO_BYTES;
  const fd = openSync(path, 'r');
  try {
    return native.mapReadOnly(fd, length);
  } finally {
    closeSync(fd);
  }
}

/** Unmaps. Throws EIO where a page could not be read. */
export function unmapFile(path: string, bytes: Buffer): void {
  if (bytes.length === 0) return;
  const isLost = native.isLost(bytes);
  native.unmap(bytes);
  if (isLost) throw lostPage(path);
}

/** A page of a map that the disk does not give means what EIO means for a system call. */
export function lostPage(path: string): Error {
  return Object.assign(new Error(lostPageText(path)), { code: 'EIO', errno: -5 });
}

export function lostPageText(path: string): string {
  return `${path} cannot be read (EIO): the disk failed, or the file was cut while it was in use`;
}
