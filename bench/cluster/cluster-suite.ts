/** `npm run bench -- --suite cluster`: what three brokers that replicate do, and what they cost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KAFKA_VERSION, kafkaClassPath, missingForKafka } from '../brokers/kafka.ts';
import type { Row } from '../comparison.ts';
import { type Figures, medianOf } from '../figures.ts';
import { spreadOf, takeRounds } from '../harness/rounds.ts';
import { touchMemory } from '../harness/touch-memory.ts';
import { SuiteReport } from '../page/suite-report.ts';
import { keepSuite } from '../page/write-suite.ts';
import { figuresLine, rowLines } from '../report.ts';
import { runOrigin } from '../run-origin.ts';
import type { BrokerKind } from './cluster-nodes.ts';
import { CLUSTER_USAGE, type ClusterSuiteOptions, readClusterOptions } from './cluster-options.ts';
import { CLUSTER_SCENARIO } from './cluster-scenario.ts';
import { clusterTurn } from './cluster-turn.ts';

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runClusterSuite(args: readonly string[]): Promise<void> {
  const options = readClusterOptions(args);
  if (options === undefined) return void process.stdout.write(CLUSTER_USAGE);
  const missing = await missingForKafka();
  if (missing !== undefined) {
    return note(`skipped: the controllers are Apache Kafka's, and ${missing}`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  try {
    const classPath = await kafkaClassPath(folder);
    if (options.touchGib > 0) {
      note(`touching ${options.touchGib} GiB of memory`);
      await touchMemory(options.touchGib);
    }
    const command = ['npm run bench --', ...args].join(' ');
    const row = await takeTurns(options, { folder, classPath }, command);
    process.stdout.write(
      options.json ? `${JSON.stringify(row, undefined, 2)}\n` : rowLines(CLUSTER_SCENARIO, row),
    );
    const origin = runOrigin(command, [`kafka ${KAFKA_VERSION}`]);
    await keepSuite(SuiteReport.ofRows('cluster', origin, [row], [CLUSTER_SCENARIO]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeTurns(
  options: ClusterSuiteOptions,
  place: { readonly folder: string; readonly classPath: string },
  command: string,
): Promise<Row> {
  const { against, rounds } = options;
  const kinds: readonly BrokerKind[] = against === undefined ? ['millrace'] : ['millrace', against];
  const { kept } = await takeRounds(kinds, rounds, 0, async (name, round) => {
    const figures = await clusterTurn(name as BrokerKind, options, place);
    note(`${name} ${round + 1}: ${figuresLine(figures)}`);
    return { figures, result: figures };
  });
  const turnsOf = (name: BrokerKind): readonly Figures[] =>
    kept.get(name)!.map(({ figures }) => figures);
  const own = turnsOf('millrace');
  return {
    scenario: CLUSTER_SCENARIO.name,
    title: CLUSTER_SCENARIO.title,
    millrace: medianOf(own),
    spread: spreadOf(own),
    ...(against === undefined
      ? {}
      : { rival: { name: against, figures: medianOf(turnsOf(against)) } }),
    command,
  };
}
