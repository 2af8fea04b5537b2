import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemCodeOf } from '../../src/base/errors.ts';
import { BrokerProcess } from '../support/broker-process.ts';

export function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A broker on a disk of so many bytes, which only its process sees mounted. `disk` is our path. */
export async function startOnSmallDisk(
  mountPoint: string,
  diskBytes: number,
  config: Readonly<Record<string, string | number>>,
): Promise<{ broker: BrokerProcess; disk: string }> {
  const mount = `mount -t tmpfs -o size=${diskBytes} tmpfs ${mountPoint}`;
  const broker = await BrokerProcess.start({
    dataDir: mountPoint,
    config,
    under: `exec unshare -m /bin/sh -c '${mount} && exec "$@"' sh "$@"`,
  });
  return { broker, disk: `/proc/${broker.pid}/root${mountPoint}` };
}

/** Leaves `freeBytes` on the disk. The function that it returns makes room again. */
export function fillUp(disk: string, freeBytes: number): () => void {
  const { bavail, bsize } = statfsSync(disk);
  const file = join(disk, 'ballast');
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes), 1));
  return () => rmSync(file);
}

/** Takes every free block, also those that others give back meanwhile. */
export function fillToTheBrim(disk: string): () => void {
  const path = join(disk, 'ballast');
  const file = openSync(path, 'w');
  try {
    for (const piece of [Buffer.alloc(65_536, 1), Buffer.alloc(4096, 1)]) {
      while (hasWritten(file, piece));
    }
  } finally {
    closeSync(file);
  }
  return () => rmSync(path);
}

function hasWritten(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) === piece.length;
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'ENOSPC') throw thrown;
    return false;
  }
}
