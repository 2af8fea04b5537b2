import { MillraceError, reasonOf } from '../../base/errors.ts';
import { LOG_SUFFIX, offsetInName } from '../../log/file-names.ts';
import { write, writeJsonLine } from '../output.ts';
import {
  type BatchDescription,
  describeBatch,
  describeRecord,
  recordLine,
  recordsOf,
} from './batch-description.ts';
import { type BatchPlace, type WalkEnd, walkBatches } from './batch-walk.ts';
import type { DumpOptions } from './dump-options.ts';
import { FileWindow } from './file-window.ts';
import type { Findings } from './findings.ts';

/** Fixed widths: a segment may hold millions of batches, so that they are printed as they come. */
const COLUMNS: readonly (readonly [
  string,
  number,
  (batch: BatchDescription) => string | number,
])[] = [
  ['POSITION', 11, ({ position }) => position],
  ['SIZE', 9, ({ sizeBytes }) => sizeBytes],
  ['BASE-OFFSET', 13, (batch) => batch.baseOffset],
  ['LAST-OFFSET', 13, (batch) => batch.lastOffset],
  ['RECORDS', 8, ({ records }) => records],
  ['CODEC', 7, ({ codec }) => codec],
  ['EPOCH', 6, ({ leaderEpoch }) => leaderEpoch],
  ['MAX-TIMESTAMP', 25, (batch) => batch.maxTimestamp ?? '-'],
  [
    'PRODUCER',
    12,
    ({ producer }) => (producer === null ? '-' : `${producer.id}/${producer.epoch}`),
  ],
  ['SEQUENCE', 14, ({ producer }) => sequences(producer)],
];

function sequences(producer: BatchDescription['producer']): string {
  return producer === null ? '-' : `${producer.firstSequence}..${producer.lastSequence}`;
}

function headLine(): string {
  return `${COLUMNS.map(([title, width]) => title.padStart(width)).join('')}  FLAGS\n`;
}

function batchLine(batch: BatchDescription): string {
  const cells = COLUMNS.map(([, width, value]) => ` ${value(batch)}`.padStart(width)).join('');
  const flags = batch.isSound ? batch.flags : [...batch.flags, 'CORRUPT'];
  return `${cells}  ${flags.join(',')}`.trimEnd().concat('\n');
}

/** Prints a segment, batch by batch. */
export async function dumpLogFile(
  path: string,
  options: DumpOptions,
  findings: Findings,
): Promise<void> {
  const file = new FileWindow(path);
  try {
    if (!options.isJson) await write(headLine());
    const firstOffset = Math.max(0, offsetInName(options.fileName(path), LOG_SUFFIX));
    const batches = walkBatches(file, firstOffset, findings);
    let step = batches.next();
    let count = 0;
    while (step.done !== true) {
      count++;
      await dumpBatch(path, step.value, options, findings);
      step = batches.next();
    }
    if (!options.isJson) await write(summary(count, step.value));
  } finally {
    file.close();
  }
}

function summary(batches: number, end: WalkEnd): string {
  const { position, reservedBytes } = end;
  const reserved = reservedBytes === 0 ? '' : `, ${reservedBytes} bytes reserved behind them`;
  return `${batches} batches, ${position} bytes${reserved}\n`;
}

async function dumpBatch(
  path: string,
  place: BatchPlace,
  options: DumpOptions,
  findings: Findings,
): Promise<void> {
  const batch = describeBatch(place);
  const showsRecords = options.records && place.isSound;
  try {
    if (options.isJson) {
      const records = [];
      if (showsRecords) {
        for (const cursor of recordsOf(place)) records.push(describeRecord(place, cursor));
      }
      await writeJsonLine({ file: path, ...batch, ...(showsRecords ? { content: records } : {}) });
      return;
    }
    await write(batchLine(batch));
    if (!showsRecords) return;
    for (const cursor of recordsOf(place)) await write(recordLine(place, cursor));
  } catch (thrown) {
    if (!(thrown instanceof MillraceError) || thrown.code !== 'MILLRACE_CORRUPT') throw thrown;
    findings.corrupt(path, place.position, reasonOf(thrown));
  }
}
