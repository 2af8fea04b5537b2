import { readFile } from 'node:fs/promises';
import { MillraceError, reasonOf } from '../../base/errors.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { remark, wantsJson, write, writeJson, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import { EXIT_FAILED, UsageError } from '../usage-error.ts';
import { loadTopology } from './load-topology.ts';

interface Difference {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

const COLUMNS: readonly TableColumn<Difference>[] = [
  { title: 'CHANGE', value: ({ kind }) => kind },
  { title: 'OF', value: ({ name }) => name },
  { title: 'MEANS', value: ({ text }) => text },
];

/** What only begins is no loss. */
const HARMLESS = /^new-/;
const OPTIMIZATIONS = ['none', 'all'];

export async function describeTopology(given: CommandArguments): Promise<number> {
  const [module] = given.operands;
  if (module === undefined) throw new UsageError('streams describe: which module?');
  const isJson = wantsJson(given) || given.has('json');
  if (isJson && given.has('mermaid')) {
    throw new UsageError('streams describe: --json and --mermaid exclude one another');
  }
  const optimization = given.text('optimization') ?? 'none';
  if (!OPTIMIZATIONS.includes(optimization)) {
    throw new UsageError(`--optimization ${optimization}: expected all or none`);
  }
  const file = given.text('compare');
  const saved = file === undefined ? undefined : await readSaved(file);
  const topology = await loadTopology(module, given.text('export'), optimization);
  if (file !== undefined) return tellDifferences(topology.compare(saved), isJson);
  if (isJson) await writeJson(topology.describe());
  else await write(given.has('mermaid') ? ended(topology.toMermaid()) : ended(String(topology)));
  return 0;
}

async function tellDifferences(
  differences: readonly Difference[],
  isJson: boolean,
): Promise<number> {
  if (isJson) await writeJson(differences);
  else if (differences.length > 0) await writeTable(COLUMNS, differences);
  else remark('nothing differs');
  return differences.every(({ kind }) => HARMLESS.test(kind)) ? 0 : EXIT_FAILED;
}

/** What `streams describe --json` wrote. */
async function readSaved(file: string): Promise<unknown> {
  let saved: unknown;
  try {
    saved = JSON.parse(await readFile(file, 'utf8'));
  } catch (thrown) {
    throw new MillraceError('MILLRACE_REQUEST_FAILED', `${file}: ${reasonOf(thrown)}`);
  }
  const isDescription = typeof saved === 'object' && saved !== null && 'subtopologies' in saved;
  if (isDescription) return saved;
  const what = "no description of a topology: 'streams describe --json' writes one";
  throw new MillraceError('MILLRACE_REQUEST_FAILED', `${file}: ${what}`);
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
