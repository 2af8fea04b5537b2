/** Loads of which not the rate is asked: waits, and memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bytes, Producer, type ProducerOptions, roundRobin, topic } from 'millrace/client';
import { measured, percentile, Stopwatch } from './measure.ts';
import { producerOptions } from './produce-loads.ts';
import type { ProgramResult, ProgramSetup } from './program-setup.ts';
import { plainBytes } from './sample-records.ts';

const MIB = 1024 * 1024;
const KIB = 1024;
const LOOPS = 16;
const PARTITIONS = 1_000;
const ROUND_MS = 100;
const LOOK_EVERY_MS = 1_000;
const MOST_WAITS = 2_000_000;

/** Each loop sends a record once its last one is acknowledged by all. */
function loops(count: number) {
  return async (setup: ProgramSetup): Promise<ProgramResult> => {
    const to = topic(setup.topic, { key: bytes, value: bytes });
    const value = plainBytes();
    const options = { acks: 'all', lingerMs: 0 } as ProducerOptions;
    await using producer = new Producer(producerOptions(setup, options));
    const waits = new Float64Array(MOST_WAITS);
    let sent = 0;
    const loop = async (untilMs: number): Promise<void> => {
      for (;;) {
        const fromMs = performance.now();
        if (fromMs >= untilMs) return;
        await producer.send(to, { value });
        waits[sent++ % MOST_WAITS] = performance.now() - fromMs;
      }
    };
    const result = await measured(setup, async (untilMs) => {
      sent = 0;
      await Promise.all(Array.from({ length: count }, () => loop(untilMs)));
      return sent;
    });
    const sorted = waits.subarray(0, Math.min(result.messages, MOST_WAITS)).sort();
    return { ...result, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
  };
}

/**
 * Flat out for the whole time. The memory of the process is looked at in the first half. In the
 * second the heap is collected again and again, which takes memory itself: what it holds then should
 * not grow.
 */
async function flatOut(setup: ProgramSetup): Promise<ProgramResult> {
  if (gc === undefined) throw new Error('run it with --expose-gc');
  const to = topic(setup.topic, { key: bytes, value: bytes });
  const value = plainBytes();
  await using producer = new Producer(producerOptions(setup, {} as ProducerOptions));
  let acknowledged = 0;
  const out = producer.to(to, {
    onBatch: ({ count }) => {
      acknowledged += count;
    },
  });
  const heaps: number[] = [];
  let rssMib = 0;
  const burst = async (untilMs: number, collects: boolean): Promise<number> => {
    const before = acknowledged;
    let lookAtMs = performance.now() + LOOK_EVERY_MS;
    for (let nowMs = 0; nowMs < untilMs; nowMs = performance.now()) {
      while (out.enqueue(null, value));
      await out.ready();
      if (nowMs < lookAtMs) continue;
      lookAtMs = nowMs + LOOK_EVERY_MS;
      if (collects) heaps.push(collectedHeap());
      else rssMib = Math.max(rssMib, process.memoryUsage.rss() / MIB);
    }
    await producer.flush();
    return acknowledged - before;
  };
  await burst(performance.now() + setup.warmupMs, false);
  const watch = new Stopwatch();
  const half = setup.measureMs / 2;
  const first = await burst(performance.now() + half, false);
  const messages = first + (await burst(performance.now() + half, true));
  const heapKibPerSecond = slope(heaps) / KIB / (LOOK_EVERY_MS / 1000);
  return { messages, ...watch.read(), total: acknowledged, rssMib, heapKibPerSecond };
}

function collectedHeap(): number {
  gc!();
  return process.memoryUsage().heapUsed;
}

/** The line of least squares through the values, one step apart. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [i, each] of values.entries()) {
    above += (i - middle) * (each - mean);
    below += (i - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

/** A record for each of many partitions ten times a second: what do their batches take? */
async function manyPartitions(setup: ProgramSetup): Promise<ProgramResult> {
  const to = topic(setup.topic, { key: bytes, value: bytes });
  const value = plainBytes();
  const options = { lingerMs: ROUND_MS / 2, partitioner: roundRobin() } as ProducerOptions;
  await using producer = new Producer(producerOptions(setup, options));
  const before = process.memoryUsage().arrayBuffers;
  let bufferMib = 0;
  let acknowledged = 0;
  const out = producer.to(to, {
    onBatch: ({ count }) => {
      acknowledged += count;
    },
  });
  const result = await measured(setup, async (untilMs) => {
    const from = acknowledged;
    while (performance.now() < untilMs) {
      for (let i = 0; i < PARTITIONS; i++) if (!out.enqueue(null, value)) await out.ready();
      bufferMib = Math.max(bufferMib, (process.memoryUsage().arrayBuffers - before) / MIB);
      await sleep(ROUND_MS);
    }
    await producer.flush();
    return acknowledged - from;
  });
  return { ...result, bufferMib };
}

export const STEADY_LOADS: Readonly<
  Record<string, (setup: ProgramSetup) => Promise<ProgramResult>>
> = {
  'one-at-a-time': loops(1),
  'sixteen-loops': loops(LOOPS),
  'flat-out': flatOut,
  'many-partitions': manyPartitions,
};
