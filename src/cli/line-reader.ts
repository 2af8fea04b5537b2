import { MillraceError } from '../base/errors.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Far more than a broker takes in one record. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

/** The lines of a stream, as many at a time as came together: a batch for whoever sends them. */
export async function* readLines(
  stream: AsyncIterable<Buffer | string>,
): AsyncGenerator<readonly Buffer[]> {
  let parts: Buffer[] = [];
  let partBytes = 0;
  for await (const piece of stream) {
    const chunk = Buffer.from(piece as string);
    const lines: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      parts.push(chunk.subarray(start, end));
      lines.push(withoutReturn(parts.length === 1 ? parts[0]! : Buffer.concat(parts)));
      parts = [];
      partBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    partBytes += chunk.length - start;
    if (partBytes > LINE_BYTES_MAX) {
      const message = `a line is longer than ${LINE_BYTES_MAX} bytes`;
      throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
    }
    if (lines.length > 0) yield lines;
  }
  if (partBytes > 0) yield [withoutReturn(Buffer.concat(parts))];
}
