import type { Frame, FrameFormat, Stretch } from './frame.ts';
import { jsonPiece } from './json-piece.ts';
import { type RecordFields, writeRecord } from './record-json.ts';
import type { RecordOutput, WriteRecord } from './record-output.ts';
import { NO_THINNING, RecordSelection } from './record-selection.ts';

const STRETCH_BYTES = 128 * 1024;
const LINE_END = jsonPiece('\n');
const EVENT_ID = jsonPiece('id: ');
const EVENT_DATA = jsonPiece('\ndata: ');
const EVENT_END = jsonPiece('\n\n');
const COLON = jsonPiece(':');
const EVERYTHING = new RecordSelection(null, NO_THINNING);

/** Frames of one HTTP response: lines of NDJSON, or server-sent events. */
export class LineFormat implements FrameFormat {
  readonly stretchBytes = STRETCH_BYTES;
  readonly isShared = false;
  readonly readsCommitted: boolean;
  readonly #output: RecordOutput;
  readonly #write: WriteRecord;
  readonly #others: ((partition: number) => string) | null;
  #partition = 0;
  #partitionText = jsonPiece('');
  #otherPositions = jsonPiece('');

  /** For events `otherPositions` answers the positions of all other partitions. */
  constructor(
    output: RecordOutput,
    fields: RecordFields,
    readsCommitted: boolean,
    otherPositions: ((partition: number) => string) | null,
  ) {
    this.readsCommitted = readsCommitted;
    this.#output = output;
    const asLine: WriteRecord = (out, record) => {
      writeRecord(out, record, this.#partition, fields);
      out.raw(LINE_END);
    };
    const asEvent: WriteRecord = (out, record) => {
      out.raw(EVENT_ID);
      out.raw(this.#partitionText);
      out.raw(COLON);
      out.number(record.offset + 1);
      out.raw(this.#otherPositions);
      out.raw(EVENT_DATA);
      writeRecord(out, record, this.#partition, fields);
      out.raw(EVENT_END);
    };
    this.#write = otherPositions === null ? asLine : asEvent;
    this.#others = otherPositions;
  }

  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame {
    const output = this.#output;
    this.#partition = stretch.partition;
    if (this.#others !== null) {
      this.#partitionText = jsonPiece(String(stretch.partition));
      this.#otherPositions = jsonPiece(this.#others(stretch.partition));
    }
    output.out.clear();
    output.write(stretch, recordsMax, EVERYTHING, this.#write);
    return output.frame(output.out.take(isKept), stretch.position);
  }

  /** Does nothing: these frames name no subscription. */
  address(): void {}
}
