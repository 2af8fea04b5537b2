/** A run that was kept as JSON. */
import { readFile } from 'node:fs/promises';
import type { RunReport } from '../table/run-report.ts';

export async function keptRun(path: string): Promise<RunReport> {
  let report: Partial<RunReport>;
  try {
    report = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`--compare: ${path} cannot be read: ${(error as Error).message}`);
  }
  if (report.origin === undefined || !Array.isArray(report.rows)) {
    throw new Error(`--compare: ${path} is not a report.json of the table`);
  }
  return report as RunReport;
}

/** Why the figures of two runs say little beside each other; undefined where they do not. */
export function notComparable(before: RunReport, after: RunReport): string | undefined {
  const { machine, node } = before.origin;
  if (machine !== after.origin.machine) return `the earlier run is of another machine: ${machine}`;
  if (node !== after.origin.node) return `the earlier run is of another Node: ${node}`;
  return undefined;
}
