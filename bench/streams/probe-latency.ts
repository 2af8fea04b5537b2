/** A client of an application: sends records at a steady rate, and times what comes back. */
import { Consumer, Producer, text, topic } from 'millrace/client';
import { percentile } from '../client/measure.ts';
import type { ApplicationSetup } from './application-setup.ts';

const PER_SECOND = 1_000;
const TICK_MS = 1;
/** Ticks come no more exactly than this. */
const STALL_MS = 5;

const texts = (name: string) => topic(name, { key: text, value: text });

export async function probeLatency(setup: ApplicationSetup): Promise<Record<string, number>> {
  const { bootstrap, warmupMs, measureMs, guarantee } = setup;
  await using producer = new Producer({ bootstrapServers: bootstrap, lingerMs: 0 });
  await using consumer = new Consumer<string, string>({
    bootstrapServers: bootstrap,
    autoOffsetReset: 'earliest',
    isolationLevel: guarantee === 'at_least_once' ? 'read_uncommitted' : 'read_committed',
  });
  const output = texts(setup.output);
  consumer.assign([{ topic: setup.output, partition: 0 }], [output]);
  const beginMs = performance.now();
  const total = Math.floor(((warmupMs + measureMs) / 1000) * PER_SECOND);
  const sending = sendSteadily(producer, texts(setup.input), beginMs, total);
  const latencies: number[] = [];
  let received = 0;
  for await (const { value } of consumer) {
    const nowMs = performance.now();
    const sentMs = Number.parseFloat(value!);
    if (sentMs >= beginMs + warmupMs) latencies.push(nowMs - sentMs);
    if (++received === total) break;
  }
  await sending;
  const sorted = Float64Array.from(latencies).sort();
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

/** What a stall held back is timed from when it was due. */
async function sendSteadily(
  producer: Producer,
  input: ReturnType<typeof texts>,
  beginMs: number,
  total: number,
): Promise<void> {
  await new Promise<void>((resolve) => {
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - beginMs) / 1000) * PER_SECOND));
      for (; sent < due; sent++) {
        const dueMs = beginMs + (sent / PER_SECOND) * 1000;
        const nowMs = performance.now();
        const fromMs = nowMs - dueMs > STALL_MS ? dueMs : nowMs;
        producer.send(input, { key: `${sent % 100}`, value: `${fromMs} ` });
      }
      if (sent < total) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  await producer.flush();
}
