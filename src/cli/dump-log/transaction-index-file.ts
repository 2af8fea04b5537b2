import { offsetInName, TXN_INDEX_SUFFIX } from '../../log/file-names.ts';
import type { AbortedTransaction } from '../../log/transactions/aborted-transaction.ts';
import {
  ABORTED_ENTRY_BYTES,
  abortedAt,
  countAborted,
} from '../../log/transactions/transaction-index.ts';
import { writeJsonLine, writeTable } from '../output.ts';
import type { TableColumn } from '../table.ts';
import type { DumpOptions } from './dump-options.ts';
import { FileWindow } from './file-window.ts';
import type { Findings } from './findings.ts';

const COLUMNS: readonly TableColumn<AbortedTransaction>[] = [
  { title: 'PRODUCER', value: ({ producerId }) => producerId },
  { title: 'FIRST-OFFSET', value: ({ firstOffset }) => firstOffset },
  { title: 'LAST-OFFSET', value: ({ lastOffset }) => lastOffset },
  { title: 'LAST-STABLE-OFFSET', value: ({ lastStableOffset }) => lastStableOffset },
];

/** Prints the aborted transactions of a segment. */
export async function dumpTransactionIndex(
  path: string,
  options: DumpOptions,
  findings: Findings,
): Promise<void> {
  const base = Math.max(0, offsetInName(options.fileName(path), TXN_INDEX_SUFFIX));
  const file = new FileWindow(path);
  try {
    const wholeBytes = file.sizeBytes - (file.sizeBytes % ABORTED_ENTRY_BYTES);
    const bytes = Buffer.from(file.view(0, wholeBytes));
    if (wholeBytes < file.sizeBytes) {
      findings.corrupt(path, wholeBytes, 'the file ends inside an entry');
    }
    const entries: AbortedTransaction[] = [];
    for (let at = 0; at < wholeBytes; at += ABORTED_ENTRY_BYTES) {
      const entry = bytes.subarray(at, at + ABORTED_ENTRY_BYTES);
      const above = entries.length === 0 ? base : entries.at(-1)!.lastOffset + 1;
      if (countAborted(entry, above, Number.POSITIVE_INFINITY) < 0) {
        findings.corrupt(
          path,
          at,
          'its version is not 0, or its marker is not behind the last one',
        );
      }
      entries.push(abortedAt(entry, 0));
    }
    if (!options.isJson) return await writeTable(COLUMNS, entries);
    for (const entry of entries) await writeJsonLine({ file: path, ...entry });
  } finally {
    file.close();
  }
}
