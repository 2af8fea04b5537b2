import { MillraceError } from '../base/errors.ts';

const CARRIAGE_RETURN = 0x0d;
/** Far more than a broker takes in one record. */
const PIECE_BYTES_MAX = 64 * 1024 * 1024;
const NEWLINE = Buffer.from('\n');
/** A carriage return before the end of a line belongs to it, as Java's reader of lines has it. */
const LINE = { delimiter: NEWLINE, dropsReturn: true };

export interface SplitOptions {
  readonly delimiter: Buffer;
  readonly dropsReturn: boolean;
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

/**
 * What stands between the delimiters of a stream, lines unless told otherwise, as many at a time as
 * came together: a batch for whoever sends them.
 */
export async function* splitStream(
  stream: AsyncIterable<Buffer | string>,
  { delimiter, dropsReturn }: SplitOptions = LINE,
): AsyncGenerator<readonly Buffer[]> {
  let parts: Buffer[] = [];
  let partBytes = 0;
  const whole = (last: Buffer) => {
    const piece = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    return dropsReturn ? withoutReturn(piece) : piece;
  };
  for await (const read of stream) {
    let chunk: Buffer = Buffer.from(read as string);
    if (delimiter.length > 1 && partBytes > 0) {
      // A delimiter may lie across two chunks: the last part is looked through again.
      const last = parts.pop()!;
      const isShort = last.length < delimiter.length;
      chunk = Buffer.concat(isShort ? [...parts, last, chunk] : [last, chunk]);
      if (isShort) parts = [];
      partBytes = parts.reduce((sum, part) => sum + part.length, 0);
    }
    const pieces: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(delimiter, start);
      if (end < 0) break;
      pieces.push(whole(chunk.subarray(start, end)));
      parts = [];
      partBytes = 0;
      start = end + delimiter.length;
    }
    if (start < chunk.length) {
      const rest = chunk.subarray(start);
      const tail = delimiter.length > 1 ? Math.min(delimiter.length, rest.length) : 0;
      if (rest.length > tail) parts.push(rest.subarray(0, rest.length - tail));
      if (tail > 0) parts.push(rest.subarray(rest.length - tail));
      partBytes += rest.length;
    }
    if (partBytes > PIECE_BYTES_MAX) {
      const message = `a line is longer than ${PIECE_BYTES_MAX} bytes`;
      throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
    }
    if (pieces.length > 0) yield pieces;
  }
  if (partBytes > 0) yield [whole(Buffer.alloc(0))];
}
