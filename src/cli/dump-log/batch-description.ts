import {
  baseOffset,
  baseSequence,
  codecId,
  hasDeleteHorizon,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffset,
  lastSequence,
  maxTimestamp,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  recordCount,
} from '../../records/batch-layout.ts';
import { CODEC_NAMES } from '../../records/codec-ids.ts';
import {
  CONTROL_TYPE,
  controlCoordinatorEpoch,
  controlType,
} from '../../records/control-record.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import { isoTime, type JsonBytes, jsonBytes, printable, printableBytes } from '../printable.ts';
import type { BatchPlace } from './batch-walk.ts';

export interface BatchDescription {
  readonly position: number;
  readonly sizeBytes: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly records: number;
  readonly codec: string;
  readonly leaderEpoch: number;
  /** Null where the batch is not of an idempotent producer. */
  readonly producer: {
    readonly id: number;
    readonly epoch: number;
    readonly firstSequence: number;
    readonly lastSequence: number;
  } | null;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  readonly maxTimestamp: string | null;
  readonly flags: readonly string[];
  readonly isSound: boolean;
}

export function describeBatch(place: BatchPlace): BatchDescription {
  const { position, sizeBytes, bytes, isSound } = place;
  const id = producerId(bytes, 0);
  const flags: string[] = [];
  if (isTransactional(bytes, 0)) flags.push('transactional');
  if (isControl(bytes, 0)) flags.push('control');
  if (hasDeleteHorizon(bytes, 0)) flags.push('delete-horizon');
  return {
    position,
    sizeBytes,
    baseOffset: baseOffset(bytes, 0),
    lastOffset: lastOffset(bytes, 0),
    records: recordCount(bytes, 0),
    codec: CODEC_NAMES[codecId(bytes, 0)] ?? `codec ${codecId(bytes, 0)}`,
    leaderEpoch: partitionLeaderEpoch(bytes, 0),
    producer:
      id < 0
        ? null
        : {
            id,
            epoch: producerEpoch(bytes, 0),
            firstSequence: baseSequence(bytes, 0),
            lastSequence: lastSequence(bytes, 0),
          },
    timestampType: isLogAppendTime(bytes, 0) ? 'LogAppendTime' : 'CreateTime',
    maxTimestamp: isoTime(maxTimestamp(bytes, 0)),
    flags,
    isSound,
  };
}

export interface RecordDescription {
  readonly offset: number;
  readonly timestamp: string | null;
  readonly key: JsonBytes;
  readonly value: JsonBytes;
  readonly headers: readonly { readonly key: string; readonly value: JsonBytes }[];
  /** Of the end of a transaction: 'COMMIT' or 'ABORT'. */
  readonly control?: string;
  /** Of the coordinator that ended the transaction; -1 where the record does not say. */
  readonly coordinatorEpoch?: number;
}

const CONTROL_NAMES = new Map<number, string>([
  [CONTROL_TYPE.ABORT, 'ABORT'],
  [CONTROL_TYPE.COMMIT, 'COMMIT'],
]);

/** Throws MILLRACE_CORRUPT where the records are not what the header says. */
export function* recordsOf(place: BatchPlace): Generator<RecordCursor> {
  const cursor = new RecordCursor();
  cursor.open(place.bytes, 0);
  while (cursor.next()) yield cursor;
}

function controlName(place: BatchPlace, cursor: RecordCursor): string | null {
  if (!isControl(place.bytes, 0)) return null;
  return CONTROL_NAMES.get(controlType(cursor)) ?? `type ${controlType(cursor)}`;
}

export function describeRecord(place: BatchPlace, cursor: RecordCursor): RecordDescription {
  const control = controlName(place, cursor);
  const description = {
    offset: cursor.offset,
    timestamp: isoTime(cursor.timestamp),
    key: jsonBytes(cursor.key()),
    value: jsonBytes(cursor.value()),
    headers: cursor.headers().map(({ key, value }) => ({ key, value: jsonBytes(value) })),
  };
  if (control === null) return description;
  return { ...description, control, coordinatorEpoch: controlCoordinatorEpoch(cursor) };
}

export function recordLine(place: BatchPlace, cursor: RecordCursor): string {
  const control = controlName(place, cursor);
  const words = [`  ${cursor.offset}`, isoTime(cursor.timestamp) ?? '-'];
  if (control !== null) {
    words.push(`end marker ${control} coordinatorEpoch=${controlCoordinatorEpoch(cursor)}`);
  } else {
    words.push(`key=${printableBytes(cursor.key())}`, `value=${printableBytes(cursor.value())}`);
    for (const { key, value } of cursor.headers()) {
      words.push(`header ${printable(key)}=${printableBytes(value)}`);
    }
  }
  return `${words.join(' ')}\n`;
}
