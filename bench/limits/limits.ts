/** What this machine can do at the most, measured in the same run as the figures beside it. */
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '#millrace/log/native';
import { LoopbackPeer } from './loopback-peer.ts';

export interface Limits {
  /** Of memory that no cache holds. */
  readonly copyMbPerSecond: number;
  /** The processor's instruction over 16 KB. */
  readonly crcMbPerSecond: number;
  /** One connection between two processes of Node. */
  readonly loopbackMbPerSecond: number;
  /** From a write in one process to its arrival in another, the middle one. */
  readonly wakeMs: number;
  /** Into the page cache, blocks of 1 MB of a new file. */
  readonly writeMbPerSecond: number;
  /** After 16 KB more, the middle one. */
  readonly syncMs: number;
}

const MEGABYTE = 1_000_000;
const BATCH_BYTES = 16_384;
const BLOCK_BYTES = 1_048_576;
const COPY_BYTES = 64 * 1_048_576;
const MOST_FILE_BYTES = 256 * 1_048_576;
const MOST_SYNCS = 500;
const PARTS = 10;

/** `forMs`: how long each of them is measured. */
export async function measureLimits(folder: string, forMs: number): Promise<Limits> {
  const peer = await LoopbackPeer.start();
  try {
    return {
      copyMbPerSecond: copyRate(forMs),
      crcMbPerSecond: crcRate(forMs),
      loopbackMbPerSecond: await loopbackRate(peer, forMs),
      wakeMs: (await roundTripMs(peer, forMs)) / 2,
      ...fileLimits(join(folder, 'limits'), forMs),
    };
  } finally {
    peer.stop();
  }
}

/** `work` does so many bytes; the fastest part counts, since others take processors too. */
function rateOf(forMs: number, bytes: number, work: () => void): number {
  const partMs = forMs / PARTS;
  let best = 0;
  for (let part = 0; part < PARTS; part++) {
    const fromMs = performance.now();
    let done = 0;
    do {
      work();
      done += bytes;
    } while (performance.now() - fromMs < partMs);
    best = Math.max(best, done / MEGABYTE / ((performance.now() - fromMs) / 1000));
  }
  return best;
}

function copyRate(forMs: number): number {
  const from = Buffer.alloc(COPY_BYTES, 1);
  const to = Buffer.alloc(COPY_BYTES, 2);
  return rateOf(forMs, COPY_BYTES, () => from.copy(to));
}

function crcRate(forMs: number): number {
  const batch = Buffer.alloc(BATCH_BYTES, 'x');
  return rateOf(forMs, 64 * BATCH_BYTES, () => {
    for (let i = 0; i < 64; i++) native.crc32c(batch, 0, BATCH_BYTES);
  });
}

async function loopbackRate(peer: LoopbackPeer, forMs: number): Promise<number> {
  const socket = await peer.connect();
  const block = Buffer.alloc(4 * 65_536, 'x');
  let sent = 0;
  let best = 0;
  for (let part = 0; part < PARTS; part++) {
    const fromMs = performance.now();
    const before = sent;
    while (performance.now() - fromMs < forMs / PARTS) {
      sent += block.length;
      if (!socket.write(block)) await once(socket, 'drain');
    }
    await peer.untilReceived(sent);
    const seconds = (performance.now() - fromMs) / 1000;
    best = Math.max(best, (sent - before) / MEGABYTE / seconds);
  }
  socket.destroy();
  return best;
}

/** One byte there and back, again and again. */
async function roundTripMs(peer: LoopbackPeer, forMs: number): Promise<number> {
  const socket = await peer.connect();
  const times: number[] = [];
  await peer.echo(socket);
  const untilMs = performance.now() + forMs;
  for (let nowMs = performance.now(); nowMs < untilMs; ) {
    socket.write('.');
    await once(socket, 'data');
    const backMs = performance.now();
    times.push(backMs - nowMs);
    nowMs = backMs;
  }
  socket.destroy();
  return middle(times);
}

function fileLimits(path: string, forMs: number): Pick<Limits, 'writeMbPerSecond' | 'syncMs'> {
  const block = Buffer.alloc(BLOCK_BYTES, 'x');
  const file = openSync(path, 'w');
  try {
    let at = 0;
    const writeMbPerSecond = rateOf(forMs, BLOCK_BYTES, () => {
      writeSync(file, block, 0, BLOCK_BYTES, at);
      at = (at + BLOCK_BYTES) % MOST_FILE_BYTES;
    });
    fdatasyncSync(file);
    const times: number[] = [];
    const untilMs = performance.now() + forMs;
    while (performance.now() < untilMs && times.length < MOST_SYNCS) {
      writeSync(file, block, 0, BATCH_BYTES, MOST_FILE_BYTES + times.length * BATCH_BYTES);
      const fromMs = performance.now();
      fdatasyncSync(file);
      times.push(performance.now() - fromMs);
    }
    return { writeMbPerSecond, syncMs: middle(times) };
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

function middle(times: number[]): number {
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)]!;
}
