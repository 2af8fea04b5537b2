/**
 * The contract in JavaScript, for where the addon does not load. Maps are buffers that hold a copy
 * of the file, and memory is V8's: nothing is given back to the system by hand.
 */
import { setPriority } from 'node:os';
import { errnoOf } from '../../base/system-errno.ts';
import { portableCrc32c } from '../../records/crc32c.ts';
import { portableWalkRecords } from '../../records/record-walker.ts';
import type { BellHandle, NativeCalls } from '../native-calls.ts';
import { scanBatches, skipPlainBatches } from './batch-steps.ts';
import { closeBell, createBell, ringBell } from './bell.ts';
import {
  closeWindow,
  growWindow,
  openWindow,
  populate,
  readInto,
  reserve,
  store,
  write,
  writeParts,
} from './file-calls.ts';

/** Copies of files that were shorter than was asked for: their bytes behind the end are no data. */
const cutShort = new WeakSet<Buffer>();

function readWhole(fd: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (readInto(fd, bytes) < length) cutShort.add(bytes);
  return bytes;
}

function copy(
  source: Uint8Array,
  sourceAt: number,
  target: Uint8Array,
  targetAt: number,
  length: number,
): void {
  if (sourceAt + length > source.length || targetAt + length > target.length) {
    throw new RangeError('copy: the bytes lie outside of a buffer');
  }
  target.set(source.subarray(sourceAt, sourceAt + length), targetAt);
}

/** Only Linux gives a thread a priority of its own: elsewhere it would be the whole process's. */
function lowerPriority(nice: number): number {
  if (process.platform !== 'linux') return 0;
  try {
    setPriority(0, nice);
    return 0;
  } catch (thrown) {
    return errnoOf(thrown);
  }
}

function shared(handle: BellHandle): SharedArrayBuffer {
  if (typeof handle === 'number') throw new TypeError('this bell is one of the addon');
  return handle;
}

export const portableCalls: NativeCalls = {
  crc32c: portableCrc32c,
  crc32cPortable: portableCrc32c,
  copy,
  boundSpareMemory() {},
  trimMemory() {},
  discard() {},
  mapReadOnly: readWhole,
  mapMemory: (length) => Buffer.alloc(length),
  unmap: () => true,
  isLost: (bytes) => cutShort.has(bytes),
  spoil: () => false,
  mapFaults: () => 0,
  reserve,
  write,
  writeParts,
  writeOut: () => 0,
  openWindow,
  growWindow,
  closeWindow,
  store,
  populate,
  lockFile: () => 0,
  scanBatches,
  skipPlainBatches,
  walkRecords: portableWalkRecords,
  lowerPriority,
  createBell,
  ringBell: (handle) => ringBell(shared(handle)),
  closeBell: (handle) => closeBell(shared(handle)),
};
