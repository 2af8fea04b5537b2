import { isUtf8 } from 'node:buffer';
import { HeaderCursor } from '../../records/header-cursor.ts';
import type { RecordCursor } from '../../records/record-iterator.ts';
import type { JsonBytes } from './json-bytes.ts';
import { BUILT_BYTES_MAX } from './json-conditions.ts';
import { type JsonPiece, jsonPiece } from './json-piece.ts';
import { isBlank, JsonScan, NotJson } from './json-scan.ts';
import { RecordHead } from './record-head.ts';

/** The forms of keys and values in JSON. */
export const TEXT_FORMS = ['text', 'json', 'base64', 'none'] as const;
export type TextForm = (typeof TEXT_FORMS)[number];

/** Which parts of a record a subscription wants, and in which form. */
export interface RecordFields {
  readonly keys: TextForm;
  readonly values: TextForm;
  readonly headers: boolean;
  readonly times: boolean;
  /** Whether each record names its partition, for streams without envelopes. */
  readonly partition: boolean;
}

const head = new RecordHead();
const headers = new HeaderCursor();
const scan = new JsonScan();
const KEY = jsonPiece(',"key":');
const KEY64 = jsonPiece(',"key64":');
const VALUE = jsonPiece(',"value":');
const VALUE64 = jsonPiece(',"value64":');
const NULL_VALUE = jsonPiece(',"value":null');
const HEADERS = jsonPiece(',"headers":[');
const LIST_END = jsonPiece(']');
const HEADER_START = jsonPiece('[');
const NEXT_HEADER_START = jsonPiece(',[');
const NULL = jsonPiece('null');
const NULL_THEN = jsonPiece('null,');
const COMMA = jsonPiece(',');
const END = jsonPiece('}');
const FIRST_PRINTABLE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NOTHING = Buffer.alloc(0);

/** Writes the record that the cursor stands on as a JSON object. */
export function writeRecord(
  out: JsonBytes,
  record: RecordCursor,
  partition: number,
  fields: RecordFields,
): void {
  const time = fields.times ? record.timestamp : -1;
  head.write(out, record.offset, fields.partition ? partition : -1, time);
  if (record.keyStart >= 0 && fields.keys !== 'none') {
    writeBytes(out, record.bytes, record.keyStart, record.keyEnd, fields.keys, KEY, KEY64);
  }
  if (fields.values !== 'none') {
    const { valueStart, valueEnd } = record;
    if (valueStart < 0) out.raw(NULL_VALUE);
    else writeBytes(out, record.bytes, valueStart, valueEnd, fields.values, VALUE, VALUE64);
  }
  if (fields.headers && record.headerCount > 0) writeHeaders(out, record);
  out.raw(END);
}

function writeBytes(
  out: JsonBytes,
  source: Buffer,
  start: number,
  end: number,
  form: TextForm,
  name: JsonPiece,
  name64: JsonPiece,
): void {
  const before = out.length;
  out.raw(name);
  if (form === 'text' && out.string(source, start, end)) return;
  if (form === 'json' && writeJson(out, source, start, end)) return;
  if (form === 'base64') {
    out.base64(source, start, end);
    return;
  }
  out.length = before;
  out.raw(name64);
  out.base64(source, start, end);
}

/**
 * Writes the JSON as it was stored, so that no number loses digits, but without its line breaks.
 */
function writeJson(out: JsonBytes, source: Buffer, start: number, end: number): boolean {
  if (!isUtf8(source.subarray(start, end))) return false;
  if (!isJson(source, start, end)) return false;
  if (hasBreaks(source, start, end)) copyWithoutBlanks(out, source, start, end);
  else out.copy(source, start, end);
  return true;
}

function hasBreaks(source: Buffer, start: number, end: number): boolean {
  if (end - start > BUILT_BYTES_MAX) return scan.hasBreaks;
  for (let i = start; i < end; i++) if (source[i]! < FIRST_PRINTABLE) return true;
  return false;
}

function isJson(source: Buffer, start: number, end: number): boolean {
  try {
    if (end - start <= BUILT_BYTES_MAX) {
      JSON.parse(source.toString('utf8', start, end));
    } else {
      scan.run(source, start, end, () => scan.skip());
    }
    return true;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof NotJson) return false;
    throw thrown;
  }
}

/** Copies JSON without the blanks between its parts. Blanks within texts stay. */
function copyWithoutBlanks(out: JsonBytes, source: Buffer, start: number, end: number): void {
  out.reserve(end - start);
  const { bytes } = out;
  let to = out.length;
  let isText = false;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (!isText && isBlank(byte)) continue;
    bytes[to++] = byte;
    if (byte === QUOTE) isText = !isText;
    else if (byte === BACKSLASH) bytes[to++] = source[++i]!;
  }
  out.length = to;
}

function writeHeaders(out: JsonBytes, record: RecordCursor): void {
  const { bytes } = record;
  out.raw(HEADERS);
  headers.open(record);
  let before = HEADER_START;
  while (headers.next()) {
    const { keyStart, keyEnd, valueStart, valueEnd } = headers;
    out.raw(before);
    if (!out.string(bytes, keyStart, keyEnd)) {
      out.text(JSON.stringify(bytes.toString('utf8', keyStart, keyEnd)));
    }
    out.raw(COMMA);
    if (valueStart < 0) {
      out.raw(NULL);
    } else if (!out.string(bytes, valueStart, valueEnd)) {
      out.raw(NULL_THEN);
      out.base64(bytes, valueStart, valueEnd);
    }
    out.raw(LIST_END);
    before = NEXT_HEADER_START;
  }
  headers.bytes = NOTHING;
  out.raw(LIST_END);
}
