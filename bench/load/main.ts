/** Entry of the load generator's process. See `USAGE` and bench/README.md. */
import { LoadError } from './load-error.ts';
import type { LoadResult } from './meter.ts';
import { readOptions, USAGE } from './options.ts';
import { runLoad } from './run-load.ts';

function asText(result: LoadResult): string {
  const line = (name: string, value: string): string => `${name.padEnd(30)}${value}\n`;
  const fixed = (value: number | undefined, digits = 2): string =>
    value === undefined ? 'unknown' : value.toFixed(digits);
  const latencies = [result.p50Ms, result.p99Ms, result.p999Ms, result.maxMs];
  const memory = [result.brokerIdleMib, result.brokerPeakMib];
  const timer = [result.timerLateP50Ms, result.timerLateP99Ms];
  return [
    line('messages/s', fixed(result.messagesPerSecond, 0)),
    line('requests/s', fixed(result.requestsPerSecond, 0)),
    line('MB/s', fixed(result.mbPerSecond, 1)),
    line('p50, p99, p99.9, max ms', latencies.map((value) => fixed(value)).join(', ')),
    line('timer late p50, p99 ms', timer.map((value) => fixed(value)).join(', ')),
    line('broker CPU s per million', fixed(result.brokerCpuPerMillion, 3)),
    line('broker CPU s per GB', fixed(result.brokerCpuPerGb, 3)),
    line('broker memory idle, peak MiB', memory.map((value) => fixed(value, 0)).join(', ')),
    line('load generator CPU s/s', fixed(result.loadCpuSeconds / result.seconds)),
    line('others on the machine CPU s/s', fixed(result.otherCpuSeconds / result.seconds)),
  ].join('');
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const result = await runLoad(options, (topics) =>
    process.stderr.write(`load: under way ${topics.join(' ')}\n`),
  );
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : asText(result));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const known = error instanceof LoadError;
    process.stderr.write(`load: ${known ? error.message : (error as Error).stack}\n`);
    if (known && error.message.includes('the mode')) process.stderr.write(`${USAGE}\n`);
    process.exit(1);
  },
);
