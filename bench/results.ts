/** The figures that are committed: one small JSON file, from which the README's table is made. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Row } from './comparison.ts';
import { repositoryPath } from './repository-path.ts';
import { renderTable } from './results-table.ts';
import { SCENARIOS } from './scenarios.ts';

const FILE = 'bench/results/latest.json';
const README = 'bench/README.md';
const BEGIN = '<!-- figures: npm run bench:kafka -- --save -->';
const END = '<!-- end of figures -->';

export interface Results {
  readonly machine: string;
  readonly node: string;
  readonly rows: readonly Row[];
}

function machine(): string {
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const system = `${platform()} ${release().split('-')[0]} ${arch()}`;
  return `${cpus().length} cores (${model}), ${memoryGib} GiB, ${system}`;
}

async function readResults(): Promise<readonly Row[]> {
  try {
    return (JSON.parse(await readFile(repositoryPath(FILE), 'utf8')) as Results).rows;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** New rows take the place of old ones of the same scenario. */
export async function saveRows(rows: readonly Row[]): Promise<void> {
  const kept = (await readResults()).filter(
    (old) => !rows.some((row) => row.scenario === old.scenario),
  );
  const order = SCENARIOS.map((scenario) => scenario.name);
  const all = [...kept, ...rows].map(rounded);
  all.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  const results: Results = { machine: machine(), node: process.version, rows: all };
  await mkdir(repositoryPath('bench/results'), { recursive: true });
  await writeFile(repositoryPath(FILE), `${JSON.stringify(results, undefined, 2)}\n`);
  await renderReadme(results);
  const biome = repositoryPath('node_modules/@biomejs/biome/bin/biome');
  const format = [biome, 'format', '--write', `--config-path=${repositoryPath('test/lint.json')}`];
  await promisify(execFile)(process.execPath, [...format, README, FILE], {
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

async function renderReadme(results: Results): Promise<void> {
  const readme = await readFile(repositoryPath(README), 'utf8');
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${README} has lost the marks around its table`);
  const table = `${BEGIN}\n\n${renderTable(results)}\n`;
  await writeFile(repositoryPath(README), readme.slice(0, from) + table + readme.slice(to));
}
