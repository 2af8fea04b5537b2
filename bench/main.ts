/** `npm run bench`: the table, a command line, a list of them, or another suite by its name. */
import { runBrokerSuite } from './broker-suite.ts';
import { runClientSuite } from './client/client-suite.ts';
import { runClusterSuite } from './cluster/cluster-suite.ts';
import { isLineName, runLinesMain } from './harness/lines-main.ts';
import { SCENARIOS } from './scenarios.ts';
import { runStreamsSuite } from './streams/streams-suite.ts';
import { runTableSuite } from './table/table-suite.ts';

const args = process.argv.slice(2);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** The one that is named, or else the one that the first of `--only` belongs to. */
function suiteOf(all: readonly string[]): string {
  const argumentOf = (flag: string): string | undefined => {
    const at = all.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
    if (at < 0) return undefined;
    return all[at]!.includes('=') ? all[at]!.slice(flag.length + 1) : all[at + 1];
  };
  const first = argumentOf('--only')?.split(',')[0];
  const isBrokers = SCENARIOS.some(({ name }) => name === first);
  return argumentOf('--suite') ?? (isBrokers ? 'broker' : 'table');
}

async function main(): Promise<void> {
  const [first] = args;
  if (first !== undefined && !first.startsWith('-')) {
    if (!isLineName(first)) throw new Error(`there is no "${first}"; --help shows what there is`);
    return runLinesMain(args);
  }
  const suite = suiteOf(args);
  if (suite === 'client') return runClientSuite(args);
  if (suite === 'cluster') return runClusterSuite(args);
  if (suite === 'streams') return runStreamsSuite(args);
  if (suite === 'table') return runTableSuite(args);
  return runBrokerSuite(args);
}

// Where nothing is left to wait for, the process would end as if all were well.
process.once('beforeExit', () => {
  note('bench: nothing is left to do, but the figures are not complete');
  process.exit(1);
});

main().then(
  // With the exit code that a comparison has set.
  () => process.exit(),
  (error: unknown) => {
    note(error instanceof Error ? `bench: ${error.message}` : String(error));
    process.exit(1);
  },
);
