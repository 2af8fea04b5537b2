/** Keeps a run: as JSON for machines, and as a page for people. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunReport } from '../table/run-report.ts';
import { reportPage } from './report-page.ts';

/** Resolves to the paths of what was written. */
export async function writeReport(report: RunReport, folder: string): Promise<readonly string[]> {
  const json = join(folder, 'report.json');
  const page = join(folder, 'report.html');
  await mkdir(folder, { recursive: true });
  await writeFile(json, `${JSON.stringify(report)}\n`);
  await writeFile(page, reportPage(report));
  return [page, json];
}
