import { readFileSync } from 'node:fs';
import { segmentPath, TXN_INDEX_SUFFIX } from '../file-names.ts';
import type { AbortedTransaction } from '../transactions/aborted-transaction.ts';
import { abortedAt } from '../transactions/transaction-index.ts';
import type { CleaningPlan } from './cleaning.ts';

/**
 * The aborted transactions with records in what a plan allows to clean, by their first offsets. The
 * marker of one may lie behind that.
 */
export function abortedInPlan({ directory, indexes, endOffset }: CleaningPlan) {
  const found: AbortedTransaction[] = [];
  for (const { baseOffset, abortedCount } of indexes) {
    const bytes = readFileSync(segmentPath(directory, baseOffset, TXN_INDEX_SUFFIX));
    for (let i = 0; i < abortedCount; i++) {
      const aborted = abortedAt(bytes, i);
      if (aborted.firstOffset < endOffset) found.push(aborted);
    }
  }
  return found.sort((one, other) => one.firstOffset - other.firstOffset);
}
