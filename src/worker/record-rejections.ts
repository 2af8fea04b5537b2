import type { RecordRejection } from '../base/record-rejection.ts';
import type { Partition } from '../partition/partition.ts';
import { explainRejection } from '../records/explain-rejection.ts';

/** Compressed records are opened only for the answer: a batch that opens to more is not. */
const OPENED_BYTES_MAX = 1024 * 1024;

/** What the client is told of a batch that this partition refused just now for its records. */
export function rejectionOf(
  { settings }: Partition,
  name: string,
  memory: Buffer,
  at: number,
  length: number,
  version: number,
  wallMs: number,
): RecordRejection | null {
  const { compact, logAppendTime, timestampBeforeMaxMs, timestampAfterMaxMs } = settings;
  const rules = {
    partition: name,
    keysRequired: compact,
    earliestMs: logAppendTime ? Number.NEGATIVE_INFINITY : wallMs - timestampBeforeMaxMs,
    latestMs: logAppendTime ? Number.POSITIVE_INFINITY : wallMs + timestampAfterMaxMs,
  };
  const { maxMessageBytes } = settings;
  return explainRejection(memory, at, length, version, maxMessageBytes, rules, OPENED_BYTES_MAX);
}
