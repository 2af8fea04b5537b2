/** The figures that are committed: one small JSON file, from which the README's table is made. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CLIENT_SCENARIOS } from './client/client-scenarios.ts';
import type { Row } from './comparison.ts';
import { repositoryPath } from './repository-path.ts';
import { type Results, renderAllRivals, renderTable } from './results-table.ts';
import { machineText } from './run-origin.ts';
import { BROKER_SCENARIOS, SCENARIOS } from './scenarios.ts';
import { SECURED_SCENARIOS } from './secured-scenarios.ts';

const README = 'bench/README.md';

/** A table in the README between two marks, and the file that it is made from. */
interface Table {
  readonly file: string;
  readonly begin: string;
  readonly end: string;
  readonly holds: (row: Row) => boolean;
  readonly render: (results: Results) => string;
}

const isClients = ({ scenario }: Row): boolean =>
  CLIENT_SCENARIOS.some(({ name }) => name === scenario);
const isOnKafka = ({ command }: Row): boolean => command.includes('--broker kafka');
const isBrokers = (row: Row): boolean => BROKER_SCENARIOS.some(({ name }) => name === row.scenario);

const isSecured = (row: Row): boolean => {
  return SECURED_SCENARIOS.some(({ name }) => name === row.scenario);
};

const TABLES: readonly Table[] = [
  {
    file: 'bench/results/latest.json',
    begin: '<!-- figures: npm run bench:kafka -- --save -->',
    end: '<!-- end of figures -->',
    holds: isBrokers,
    render: renderTable,
  },
  {
    file: 'bench/results/websocket.json',
    begin: '<!-- figures: npm run bench:websocket -- --save -->',
    end: '<!-- end of WebSocket figures -->',
    holds: (row) => !isBrokers(row) && !isClients(row) && !isSecured(row),
    render: (results) => renderAllRivals(results, SCENARIOS),
  },
  {
    file: 'bench/results/secured.json',
    begin: '<!-- figures: npm run bench -- --suite secured --against kafka --save -->',
    end: '<!-- end of secured figures -->',
    holds: isSecured,
    render: (results) => renderAllRivals(results, SECURED_SCENARIOS),
  },
  {
    file: 'bench/results/client.json',
    begin: '<!-- figures: npm run bench -- --suite client --against all --save -->',
    end: '<!-- end of client figures -->',
    holds: (row) => isClients(row) && !isOnKafka(row),
    render: (results) => renderAllRivals(results, CLIENT_SCENARIOS),
  },
  {
    file: 'bench/results/client-kafka.json',
    begin: '<!-- figures: npm run bench -- --suite client --broker kafka --against all --save -->',
    end: '<!-- end of client figures on Kafka -->',
    holds: (row) => isClients(row) && isOnKafka(row),
    render: (results) => renderAllRivals(results, CLIENT_SCENARIOS),
  },
];

async function readResults(file: string): Promise<readonly Row[]> {
  try {
    return (JSON.parse(await readFile(repositoryPath(file), 'utf8')) as Results).rows;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export async function saveRows(rows: readonly Row[]): Promise<void> {
  for (const table of TABLES) {
    const own = rows.filter(table.holds);
    if (own.length > 0) await saveTable(table, own);
  }
}

/** New rows take the place of old ones of the same scenario and rival. */
async function saveTable(table: Table, rows: readonly Row[]): Promise<void> {
  const { file } = table;
  const isSame = (a: Row, b: Row): boolean => {
    return a.scenario === b.scenario && a.rival?.name === b.rival?.name;
  };
  const kept = (await readResults(file)).filter((old) => !rows.some((row) => isSame(row, old)));
  const order = [...SCENARIOS, ...CLIENT_SCENARIOS].map((scenario) => scenario.name);
  const all = [...kept, ...rows].map(rounded);
  all.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  const results: Results = { machine: machineText(), node: process.version, rows: all };
  await mkdir(repositoryPath('bench/results'), { recursive: true });
  await writeFile(repositoryPath(file), `${JSON.stringify(results, undefined, 2)}\n`);
  await renderReadme(table, results);
  const biome = repositoryPath('node_modules/@biomejs/biome/bin/biome');
  const format = [biome, 'format', '--write', `--config-path=${repositoryPath('test/lint.json')}`];
  await promisify(execFile)(process.execPath, [...format, README, file], {
    cwd: repositoryPath(''),
  });
}

function rounded(row: Row): Row {
  const round = (figures: Record<string, number>): Record<string, number> =>
    Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
    );
  return {
    ...row,
    millrace: round(row.millrace),
    ...(row.rival === undefined
      ? {}
      : { rival: { name: row.rival.name, figures: round(row.rival.figures) } }),
  };
}

async function renderReadme({ begin, end, render }: Table, results: Results): Promise<void> {
  const readme = await readFile(repositoryPath(README), 'utf8');
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${README} has lost the marks around its table`);
  const table = `${begin}\n\n${render(results)}\n`;
  await writeFile(repositoryPath(README), readme.slice(0, from) + table + readme.slice(to));
}
