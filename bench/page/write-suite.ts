/** Keeps the run of a suite in bench/out: as a page for people, and as JSON for machines. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryPath } from '../repository-path.ts';
import { suitePage } from './suite-page.ts';
import type { SuiteReport } from './suite-report.ts';

/** Resolves to the paths of what was written. */
export async function writeSuite(report: SuiteReport, folder: string): Promise<readonly string[]> {
  const json = join(folder, `${report.name}.json`);
  const page = join(folder, `${report.name}.html`);
  await mkdir(folder, { recursive: true });
  await writeFile(json, `${JSON.stringify(report)}\n`);
  await writeFile(page, suitePage(report));
  return [page, json];
}

/** Keeps it where pages of runs are, and says so. */
export async function keepSuite(report: SuiteReport): Promise<void> {
  for (const path of await writeSuite(report, repositoryPath('bench/out'))) {
    process.stderr.write(`written: ${path}\n`);
  }
}
