import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetInName,
  segmentPath,
  TIME_INDEX_SUFFIX,
} from '../../log/file-names.ts';
import { OFFSET_ENTRY_BYTES } from '../../log/offset-index.ts';
import { TIME_ENTRY_BYTES, timeOffsetAt, timestampAt } from '../../log/time-index.ts';
import {
  BATCH_HEADER_SIZE,
  lastOffset,
  MAGIC_V2,
  magic,
  sizeInBytes,
} from '../../records/batch-layout.ts';
import { writeJsonLine, writeTable } from '../output.ts';
import { isoTime } from '../printable.ts';
import type { DumpOptions } from './dump-options.ts';
import { FileWindow } from './file-window.ts';
import type { Findings } from './findings.ts';

interface OffsetEntry {
  readonly offset: number;
  readonly position: number;
}

interface TimeEntry {
  readonly timestamp: string | null;
  readonly offset: number;
}

/** The entries of a file before its zero tail, and a finding where it ends inside an entry. */
function entriesIn(file: FileWindow, entryBytes: number, findings: Findings): Buffer {
  const whole = file.sizeBytes - (file.sizeBytes % entryBytes);
  let end = 0;
  while (end < whole && file.view(end, entryBytes).some((byte) => byte !== 0)) end += entryBytes;
  if (!file.isZeroFrom(end)) {
    const cut = end === whole ? 'the file ends inside an entry' : 'entries behind an empty one';
    findings.corrupt(file.path, end, cut);
  }
  return Buffer.from(file.view(0, end));
}

/** Prints an offset index and holds it against its segment where that is there. */
export async function dumpOffsetIndex(
  path: string,
  options: DumpOptions,
  findings: Findings,
): Promise<void> {
  const base = Math.max(0, offsetInName(options.fileName(path), INDEX_SUFFIX));
  const index = new FileWindow(path);
  const logPath = segmentPath(dirname(path), base, LOG_SUFFIX);
  const log = existsSync(logPath) ? new FileWindow(logPath) : null;
  try {
    const bytes = entriesIn(index, OFFSET_ENTRY_BYTES, findings);
    const entries: OffsetEntry[] = [];
    for (let at = 0; at < bytes.length; at += OFFSET_ENTRY_BYTES) {
      const entry = { offset: base + bytes.readInt32BE(at), position: bytes.readInt32BE(at + 4) };
      const problem = entryProblem(entry, entries.at(-1)) ?? batchProblem(entry, log);
      if (problem !== null) findings.corrupt(path, at, problem);
      entries.push(entry);
    }
    const columns = [
      { title: 'OFFSET', value: ({ offset }: OffsetEntry) => offset },
      { title: 'POSITION', value: ({ position }: OffsetEntry) => position },
    ];
    if (!options.isJson) return await writeTable(columns, entries);
    for (const entry of entries) await writeJsonLine({ file: path, ...entry });
  } finally {
    index.close();
    log?.close();
  }
}

function entryProblem(entry: OffsetEntry, before: OffsetEntry | undefined): string | null {
  if (before === undefined) return null;
  if (entry.offset > before.offset && entry.position > before.position) return null;
  return `entry ${entry.offset} at ${entry.position} after ${before.offset} at ${before.position}`;
}

/** An entry names the last offset of the batch at its position. */
function batchProblem(entry: OffsetEntry, log: FileWindow | null): string | null {
  if (log === null) return null;
  if (entry.position < 0 || entry.position + BATCH_HEADER_SIZE > log.sizeBytes) {
    return `position ${entry.position} is outside of ${log.path}`;
  }
  const header = log.view(entry.position, BATCH_HEADER_SIZE);
  if (magic(header, 0) !== MAGIC_V2 || sizeInBytes(header, 0) < BATCH_HEADER_SIZE) {
    return `there is no batch at position ${entry.position} of ${log.path}`;
  }
  const last = lastOffset(header, 0);
  if (last === entry.offset) return null;
  return `offset ${entry.offset}, and the batch at ${entry.position} ends with offset ${last}`;
}

/** Prints a time index. */
export async function dumpTimeIndex(
  path: string,
  options: DumpOptions,
  findings: Findings,
): Promise<void> {
  const base = Math.max(0, offsetInName(options.fileName(path), TIME_INDEX_SUFFIX));
  const index = new FileWindow(path);
  try {
    const bytes = entriesIn(index, TIME_ENTRY_BYTES, findings);
    const entries: TimeEntry[] = [];
    for (let i = 0; i < bytes.length / TIME_ENTRY_BYTES; i++) {
      const timestampMs = timestampAt(bytes, i);
      const problem = i === 0 ? null : timeProblem(bytes, i);
      if (problem !== null) findings.corrupt(path, i * TIME_ENTRY_BYTES, problem);
      entries.push({ timestamp: isoTime(timestampMs), offset: base + timeOffsetAt(bytes, i) });
    }
    const columns = [
      { title: 'TIMESTAMP', value: ({ timestamp }: TimeEntry) => timestamp },
      { title: 'OFFSET', value: ({ offset }: TimeEntry) => offset },
    ];
    if (!options.isJson) return await writeTable(columns, entries);
    for (const entry of entries) await writeJsonLine({ file: path, ...entry });
  } finally {
    index.close();
  }
}

function timeProblem(bytes: Buffer, entry: number): string | null {
  if (timestampAt(bytes, entry) < timestampAt(bytes, entry - 1)) {
    return 'its timestamp is before the last one';
  }
  const isBack = timeOffsetAt(bytes, entry) < timeOffsetAt(bytes, entry - 1);
  return isBack ? 'its offset is before the last one' : null;
}
