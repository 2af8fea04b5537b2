import { readFileSync } from 'node:fs';
import { MillraceError, reasonOf } from '../../base/errors.ts';
import { decodeSnapshot } from '../../log/producer-snapshot.ts';
import { type ProducerEntry, ProducerState } from '../../log/producer-state.ts';
import { writeJsonLine, writeTable } from '../output.ts';
import { isoTime } from '../printable.ts';
import type { TableColumn } from '../table.ts';
import type { DumpOptions } from './dump-options.ts';
import type { Findings } from './findings.ts';

const COLUMNS: readonly TableColumn<ProducerEntry>[] = [
  { title: 'PRODUCER', value: ({ producerId }) => producerId },
  { title: 'EPOCH', value: ({ epoch }) => epoch },
  { title: 'LAST-SEQUENCE', value: ({ lastSequence }) => lastSequence },
  { title: 'LAST-OFFSET', value: ({ lastOffset }) => lastOffset },
  { title: 'OFFSET-DELTA', value: ({ offsetDelta }) => offsetDelta },
  { title: 'LAST-TIMESTAMP', value: ({ lastTimestamp }) => isoTime(lastTimestamp) },
  {
    title: 'COORDINATOR-EPOCH',
    value: ({ coordinatorEpoch }) => (coordinatorEpoch < 0 ? null : coordinatorEpoch),
  },
  {
    title: 'TRANSACTION-FROM',
    value: (entry) => (entry.currentTxnFirstOffset < 0 ? null : entry.currentTxnFirstOffset),
  },
];

/** Prints the producers of a snapshot. */
export async function dumpSnapshot(
  path: string,
  options: DumpOptions,
  findings: Findings,
): Promise<void> {
  const state = new ProducerState(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  if (!decodeSnapshot(read(path), state, Date.now())) {
    findings.corrupt(path, 0, 'version, CRC or count of entries are not those of a snapshot');
    return;
  }
  const producers = [...state.entries()];
  if (!options.isJson) return writeTable(COLUMNS, producers);
  for (const entry of producers) {
    await writeJsonLine({
      file: path,
      producerId: entry.producerId,
      epoch: entry.epoch,
      lastSequence: entry.lastSequence,
      lastOffset: entry.lastOffset,
      offsetDelta: entry.offsetDelta,
      lastTimestamp: isoTime(entry.lastTimestamp),
      coordinatorEpoch: entry.coordinatorEpoch < 0 ? null : entry.coordinatorEpoch,
      transactionFrom: entry.currentTxnFirstOffset < 0 ? null : entry.currentTxnFirstOffset,
    });
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const message = `cannot read ${path}: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', message, thrown);
  }
}
