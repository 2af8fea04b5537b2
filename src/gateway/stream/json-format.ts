import type { Frame, FrameFormat, Stretch } from './frame.ts';
import type { JsonBytes } from './json-bytes.ts';
import type { RecordFields } from './record-json.ts';
import { writeRecord } from './record-json.ts';
import type { RecordOutput, WriteRecord } from './record-output.ts';
import type { RecordSelection } from './record-selection.ts';

const STRETCH_BYTES = 128 * 1024;
/** `{"sub":` and then ten places for the number, blank on the left. */
const SUB_AT = 7;
const SUB_WIDTH = 10;
const BLANK = 0x20;
const ZERO = 0x30;
const COMMA = Buffer.from(',');

/** Frames of `millrace.json`: an envelope around the records. */
export class JsonFormat implements FrameFormat {
  readonly stretchBytes = STRETCH_BYTES;
  readonly isShared = true;
  readonly #output: RecordOutput;
  readonly #selection: RecordSelection;
  readonly #write: WriteRecord;

  constructor(output: RecordOutput, fields: RecordFields, selection: RecordSelection) {
    this.#output = output;
    this.#selection = selection;
    this.#write = (out, record, index) => {
      if (index > 0) out.raw(COMMA);
      writeRecord(out, record, 0, fields);
    };
  }

  encode(stretch: Stretch, recordsMax: number): Frame {
    const output = this.#output;
    const { out } = output;
    const topic = JSON.stringify(stretch.topic);
    out.length = 0;
    out.text(
      `{"sub":${' '.repeat(SUB_WIDTH)},"type":"records","topic":${topic},` +
        `"partition":${stretch.partition},"position":${stretch.position},"records":[`,
    );
    output.write(stretch, recordsMax, this.#selection, this.#write);
    const { next, epoch, recordCount, skippedCount, damagedTo, isLimited } = output;
    out.text(
      `],"next":${next},"high":${stretch.highWatermark},"epoch":${epoch},` +
        `"count":${recordCount},"skipped":${skippedCount}}`,
    );
    return {
      bytes: ownCopy(out),
      isBinary: false,
      position: stretch.position,
      next,
      epoch,
      recordCount,
      skippedCount,
      damagedTo,
      isLimited,
    };
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

/** The output is written over by the next frame. */
export function ownCopy(out: JsonBytes): Buffer {
  const copy = Buffer.allocUnsafeSlow(out.length);
  out.bytes.copy(copy, 0, 0, out.length);
  return copy;
}
