import { once } from 'node:events';
import { closestName } from '../base/closest-name.ts';
import type { CommandArguments } from './command-arguments.ts';
import { renderTable, type TableColumn } from './table.ts';
import { UsageError } from './usage-error.ts';

const FORMATS = ['table', 'json'] as const;

export function wantsJson(given: CommandArguments): boolean {
  const format = given.text('output') ?? 'table';
  if (FORMATS.some((each) => each === format)) return format === 'json';
  const closest = closestName(format, FORMATS) ?? 'json';
  throw new UsageError(`-o ${format}: expected table or json; did you mean ${closest}?`);
}

/** Waits where the reader is slower, so that long outputs do not pile up. */
export async function write(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export function writeJson(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value, null, 2)}\n`);
}

/** One object a line: for outputs without a known end. */
export function writeJsonLine(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value)}\n`);
}

export function writeTable<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  return write(renderTable(columns, rows));
}

/** Remarks go to standard error, never into the output. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}
