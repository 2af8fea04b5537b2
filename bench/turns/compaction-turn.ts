/**
 * A topic of 1 GB with a million keys is filled; then its compaction runs beside a steady load. The
 * figures compare that load with the same one before there was anything to compact.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchOptions } from '../bench-options.ts';
import { type Figures, figuresOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import type { Scenario } from '../scenario.ts';

const FILL = ['fill', '--keys', '1000000', '--preload-bytes', '1000000000', '--keep-topics'];
const TOPIC = [
  'cleanup.policy=compact',
  'min.cleanable.dirty.ratio=0.01',
  'segment.bytes=104857600',
];
/** Long enough to include what the disk does to the load without any compaction. */
const QUIET_SECONDS = 20;
/** Longer than `log.cleaner.backoff.ms` (15 s) and the work itself. */
const BESIDE_SECONDS = 35;

export async function compactionTurn(
  scenario: Scenario,
  who: Contestant,
  options: BenchOptions,
): Promise<Figures> {
  const broker = await who.shared();
  const quiet = await runLoadProcess(broker, scenario.args, options.warmupSeconds, QUIET_SECONDS);
  const configs = TOPIC.flatMap((config) => ['--topic-config', config]);
  const filled = await runLoadProcess(broker, [...FILL, ...configs], 0, 0);
  const directory = join(who.dataFolder(), `${filled.topics[0]}-0`);
  const beforeBytes = await logBytesIn(directory);
  const beside = await runLoadProcess(broker, scenario.args, 1, BESIDE_SECONDS);
  const leftOver = (await logBytesIn(directory)) / beforeBytes;
  const p99Ratio = beside.p99Ms / quiet.p99Ms;
  return { ...figuresOf(beside), p99AloneMs: quiet.p99Ms, p99Ratio, leftOver };
}

async function logBytesIn(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
