/** A long turn minute by minute: what a soak is run for. */
import { shortNumber } from '../comparison.ts';
import type { TurnSeries } from '../table/turn-series.ts';

const MINUTE_MS = 60_000;

interface Minute {
  readonly messagesPerSecond: number;
  readonly cpuPercent: number;
  readonly mib: number;
}

function minutesOf({ atMs, messages, brokerCpuSeconds, brokerMib }: TurnSeries): Minute[] {
  const minutes: Minute[] = [];
  for (let from = 0; from < atMs.length - 1; ) {
    const end = atMs.findIndex((ms) => ms >= atMs[from]! + MINUTE_MS);
    const to = end < 0 ? atMs.length - 1 : end;
    const seconds = (atMs[to]! - atMs[from]!) / 1000;
    minutes.push({
      messagesPerSecond: (messages[to]! - messages[from]!) / seconds,
      cpuPercent: (100 * (brokerCpuSeconds[to]! - brokerCpuSeconds[from]!)) / seconds,
      mib: Math.max(...brokerMib.slice(from, to + 1)),
    });
    from = to;
  }
  return minutes;
}

/** The growth of the memory is told of the second half: a process is warm by then. */
export function soakTable(series: TurnSeries): string {
  const minutes = minutesOf(series);
  const lines = minutes.map(({ messagesPerSecond, cpuPercent, mib }, i) => {
    const cells = [
      i + 1,
      shortNumber(messagesPerSecond),
      shortNumber(cpuPercent),
      shortNumber(mib),
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  const half = minutes.slice(Math.floor(minutes.length / 2));
  const grown = (half.at(-1)!.mib - half[0]!.mib) / Math.max(1, half.length - 1);
  const head = '| minute | msg/s | broker CPU % | broker MiB |\n|---|---|---|---|\n';
  return `${head}${lines.join('')}Memory in the second half: ${shortNumber(grown)} MiB a minute.\n`;
}
