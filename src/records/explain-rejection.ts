import { isCorrupt } from '../base/errors.ts';
import type { RecordRejection } from '../base/record-rejection.ts';
import { NO_TIMESTAMP } from './batch-layout.ts';
import {
  ACCEPTED,
  INVALID_RECORD,
  INVALID_TIMESTAMP,
  validateProducedBatch,
} from './batch-validator.ts';
import { RecordCursor } from './record-iterator.ts';

/** What a partition asks of each record, besides that it is well formed. */
export interface RecordRules {
  /** For the messages, such as `orders-0`. */
  readonly partition: string;
  readonly keysRequired: boolean;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/**
 * Clients fail all records of such a batch whether they are named or not, so a longer list would
 * only make an answer larger than its request.
 */
const RECORD_ERRORS_MAX = 10_000;
const ERRORS_IN_TEXT = 3;

type RecordError = RecordRejection['recordErrors'][number];

/**
 * Why a batch that was refused with INVALID_RECORD or INVALID_TIMESTAMP was refused, in Kafka's
 * words; null where no single record is the reason. For refusals only: it opens the batch, to no
 * more than `openedBytesMax`, and looks at every record.
 */
export function explainRejection(
  buf: Buffer,
  at: number,
  length: number,
  produceVersion: number,
  maxMessageBytes: number,
  rules: RecordRules,
  openedBytesMax: number,
): RecordRejection | null {
  const whole = validateProducedBatch(buf, at, length, produceVersion, maxMessageBytes);
  if (whole !== ACCEPTED) return null;
  try {
    return findErrors(buf, at, rules, openedBytesMax);
  } catch (thrown) {
    if (isCorrupt(thrown)) return null;
    throw thrown;
  }
}

function findErrors(
  buf: Buffer,
  at: number,
  rules: RecordRules,
  openedBytesMax: number,
): RecordRejection | null {
  const recordErrors: RecordError[] = [];
  let [count, lateOrEarly] = [0, 0];
  const cursor = new RecordCursor();
  cursor.open(buf, at, openedBytesMax);
  for (let batchIndex = 0; cursor.next(); batchIndex++) {
    const lacksKey = rules.keysRequired && cursor.keyStart < 0;
    if (!lacksKey && isWithin(cursor.timestamp, rules)) continue;
    count++;
    if (!lacksKey) lateOrEarly++;
    if (recordErrors.length === RECORD_ERRORS_MAX) continue;
    const batchIndexErrorMessage = lacksKey ? keyText(rules) : timeText(cursor, rules);
    recordErrors.push({ batchIndex, batchIndexErrorMessage });
  }
  if (count === 0) return null;
  if (lateOrEarly > 0) {
    const errorMessage = 'One or more records have been rejected due to invalid timestamp';
    return { errorCode: INVALID_TIMESTAMP, errorMessage, recordErrors };
  }
  return { errorCode: INVALID_RECORD, errorMessage: summaryOf(recordErrors, count), recordErrors };
}

function isWithin(timestampMs: number, { earliestMs, latestMs }: RecordRules): boolean {
  if (timestampMs === NO_TIMESTAMP) return true;
  return timestampMs >= earliestMs && timestampMs <= latestMs;
}

function keyText({ partition }: RecordRules): string {
  return `Compacted topic cannot accept message without key in topic partition ${partition}`;
}

function timeText({ timestamp, offset }: RecordCursor, { earliestMs, latestMs }: RecordRules) {
  return (
    `Timestamp ${timestamp} of message with offset ${offset} is out of range. ` +
    `The timestamp should be within [${earliestMs}, ${latestMs}]`
  );
}

function summaryOf(recordErrors: readonly RecordError[], count: number): string {
  const first = recordErrors
    .slice(0, ERRORS_IN_TEXT)
    .map(({ batchIndex, batchIndexErrorMessage }) => {
      return `RecordError(batchIndex=${batchIndex}, message='${batchIndexErrorMessage}')`;
    });
  return (
    `One or more records have been rejected due to ${count} record errors in total, ` +
    `and only showing the first three errors at most: [${first.join(', ')}]`
  );
}
