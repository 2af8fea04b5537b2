import type { Frame, FrameFormat, Stretch } from './frame.ts';
import type { JsonBytes } from './json-bytes.ts';
import { jsonPiece } from './json-piece.ts';
import type { RecordFields } from './record-json.ts';
import { writeRecord } from './record-json.ts';
import type { RecordOutput, WriteRecord } from './record-output.ts';
import type { RecordSelection } from './record-selection.ts';

const STRETCH_BYTES = 128 * 1024;
/** The number stands behind `{"sub":`, in ten characters, with blanks on its left. */
const SUB_AT = 7;
const SUB_WIDTH = 10;
const BLANK = 0x20;
const ZERO = 0x30;
const COMMA = jsonPiece(',');
const END = jsonPiece(']}');
/** As many blanks as the largest number has digits. */
const BLANKS = ' '.repeat(16);

/** Frames of `millrace.json`: records in an envelope. */
export class JsonFormat implements FrameFormat {
  readonly stretchBytes = STRETCH_BYTES;
  readonly isShared = true;
  readonly readsCommitted: boolean;
  readonly #output: RecordOutput;
  readonly #selection: RecordSelection;
  readonly #write: WriteRecord;

  constructor(
    output: RecordOutput,
    fields: RecordFields,
    selection: RecordSelection,
    readsCommitted: boolean,
  ) {
    this.readsCommitted = readsCommitted;
    this.#output = output;
    this.#selection = selection;
    this.#write = (out, record, index) => {
      if (index > 0) out.raw(COMMA);
      writeRecord(out, record, 0, fields);
    };
  }

  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame {
    const output = this.#output;
    const { out } = output;
    const topic = JSON.stringify(stretch.topic);
    out.clear();
    out.text(
      `{"sub":${BLANKS.slice(0, SUB_WIDTH)},"type":"records","topic":${topic},` +
        `"partition":${stretch.partition},"position":${stretch.position},"next":`,
    );
    const nextAt = leaveBlank(out, `,"high":${stretch.readableEnd},"epoch":`);
    const epochAt = leaveBlank(out, ',"count":');
    const countAt = leaveBlank(out, ',"skipped":');
    const skippedAt = leaveBlank(out, ',"records":[');
    output.write(stretch, recordsMax, this.#selection, this.#write);
    out.raw(END);
    const bytes = out.take(isKept);
    writeNumber(bytes, nextAt, output.next);
    writeNumber(bytes, epochAt, output.epoch);
    writeNumber(bytes, countAt, output.recordCount);
    writeNumber(bytes, skippedAt, output.skippedCount);
    return output.frame(bytes, stretch.position);
  }

  address(frame: Frame, sub: number): void {
    const { bytes } = frame;
    let rest = sub;
    for (let at = SUB_AT + SUB_WIDTH - 1; at >= SUB_AT; at--) {
      bytes[at] = rest > 0 ? ZERO + (rest % 10) : BLANK;
      rest = Math.floor(rest / 10);
    }
  }
}

/**
 * Leaves room for a number that is known only when the records are written, then writes what
 * follows.
 */
function leaveBlank(out: JsonBytes, after: string): number {
  const at = out.length;
  out.text(BLANKS);
  out.text(after);
  return at;
}

/** Writes the number at the left of its room. The rest stays blank. */
function writeNumber(bytes: Buffer, at: number, value: number): void {
  bytes.write(String(value), at, 'latin1');
}
