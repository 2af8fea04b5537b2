/**
 * A bell in shared memory. Whoever rings adds one to its word; the thread that made it waits for
 * that without blocking. Rings that come before the callback runs count as one.
 */
import { inBackground } from '../../base/in-background.ts';

const RINGS = 0;
const CLOSED = 1;
const WORDS = 2;

export function createBell(callback: () => void): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
  listen(new Int32Array(memory), 0, callback);
  return memory;
}

function listen(words: Int32Array, seen: number, callback: () => void): void {
  const onRing = (): void => {
    if (Atomics.load(words, CLOSED) !== 0) return;
    const rings = Atomics.load(words, RINGS);
    // First the wait: the callback may throw, and what it does may ring again.
    listen(words, rings, callback);
    if (rings !== seen) callback();
  };
  const wait = Atomics.waitAsync(words, RINGS, seen);
  if (wait.async) inBackground(wait.value.then(onRing), endThread);
  else setImmediate(onRing);
}

/** What the callback throws is an uncaught exception, as it is where the addon calls it. */
function endThread(thrown: unknown): void {
  process.nextTick(() => {
    throw thrown;
  });
}

export function ringBell(memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory);
  Atomics.add(words, RINGS, 1);
  Atomics.notify(words, RINGS);
}

export function closeBell(memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory);
  Atomics.store(words, CLOSED, 1);
  Atomics.notify(words, RINGS);
}
