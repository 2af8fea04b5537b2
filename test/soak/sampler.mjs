/** Memory, descriptors and event-loop delay of a broker, once a second. */
import { readdirSync, readFileSync } from 'node:fs';

const LOOP = /^millrace_event_loop_delay_seconds\{quantile="0.99"\} (\S+)$/m;

export async function sample(pid, httpPort) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const memoryMb = Number(/RssAnon:\s+(\d+) kB/.exec(status)[1]) / 1024;
  const descriptors = readdirSync(`/proc/${pid}/fd`).length;
  const page = await fetch(`http://127.0.0.1:${httpPort}/metrics`, {
    signal: AbortSignal.timeout(2000),
  });
  const loopMs = Number(LOOP.exec(await page.text())?.[1] ?? 0) * 1000;
  return { memoryMb, descriptors, loopMs };
}

/** Units a minute by least squares; 0 for too few samples. */
export function slope(samples, field) {
  if (samples.length < 10) return 0;
  const meanX = samples.reduce((sum, each) => sum + each.second, 0) / samples.length;
  const meanY = samples.reduce((sum, each) => sum + each[field], 0) / samples.length;
  let above = 0;
  let below = 0;
  for (const each of samples) {
    above += (each.second - meanX) * (each[field] - meanY);
    below += (each.second - meanX) ** 2;
  }
  return below === 0 ? 0 : (above / below) * 60;
}
