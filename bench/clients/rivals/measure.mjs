/** The loads of the clients that millrace's is compared with, and how they are measured. */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    topic: { type: 'string' },
    load: { type: 'string' },
    warmup: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '1' },
    records: { type: 'string', default: '0' },
  },
});

export const setup = {
  bootstrap: values.bootstrap,
  topic: values.topic,
  load: values.load,
  warmupMs: Number(values.warmup) * 1000,
  measureMs: Number(values.seconds) * 1000,
  records: Number(values.records),
};

/** Records of a `send`: as many as fill a batch of 16 KB. */
export const BATCH = 148;
export const IN_FLIGHT = 5;
export const AT_ONCE = 5_000;
export const VALUE = Buffer.alloc(100, 'x');

class Stopwatch {
  #cpu = process.cpuUsage();
  #fromMs = performance.now();

  read() {
    const { user, system } = process.cpuUsage(this.#cpu);
    const seconds = (performance.now() - this.#fromMs) / 1000;
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  }
}

/** `burst` sends until the given time and returns how much was acknowledged. */
export async function produced(burst) {
  const before = await burst(performance.now() + setup.warmupMs);
  const watch = new Stopwatch();
  const messages = await burst(performance.now() + setup.measureMs);
  report({ messages, ...watch.read(), total: before + messages });
}

/** Five loops, each of which sends a batch once its last one is acknowledged. */
export function inLoops(sendBatch) {
  return async (untilMs) => {
    let sent = 0;
    const loop = async () => {
      while (performance.now() < untilMs) {
        await sendBatch();
        sent += BATCH;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
    return sent;
  };
}

/** Single records, many awaited at once. */
export function atOnce(sendOne) {
  return async (untilMs) => {
    let sent = 0;
    while (performance.now() < untilMs) {
      await Promise.all(Array.from({ length: AT_ONCE }, sendOne));
      sent += AT_ONCE;
    }
    return sent;
  };
}

let watch = null;
let counted = 0;
let consumed = 0;
let checkAtMs = 0;

/** Counts records that were consumed. The warm-up begins with the first. Reports at the end. */
export function consumedMore(count) {
  counted += count;
  consumed += count;
  const nowMs = performance.now();
  if (checkAtMs === 0) checkAtMs = nowMs + setup.warmupMs;
  if (nowMs < checkAtMs && consumed < setup.records) return;
  if (watch === null) {
    if (consumed >= setup.records) throw new Error('the topic ended before the warm-up did');
    watch = new Stopwatch();
    counted = 0;
    checkAtMs = nowMs + setup.measureMs;
    return;
  }
  report({ messages: counted, ...watch.read(), total: setup.records });
}

let isReported = false;

/** An orderly leave is not measured, and more may be consumed until the process has ended. */
function report(result) {
  if (isReported) return;
  isReported = true;
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
