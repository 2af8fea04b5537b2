import type { AbortedIndexReader } from './aborted-index-reader.ts';
import type { AbortedTransaction } from './aborted-transaction.ts';

/**
 * The aborted transactions with records in [from, end), of which the first lies in the segment at
 * `first`. A transaction of records in one segment may be aborted in a later one.
 */
export function abortedBetween(
  segments: readonly { readonly aborted: AbortedIndexReader }[],
  first: number,
  from: number,
  end: number,
): AbortedTransaction[] {
  const found: AbortedTransaction[] = [];
  for (let i = first; i < segments.length; i++) {
    if (segments[i]!.aborted.collect(from, end, found)) break;
  }
  return found;
}
