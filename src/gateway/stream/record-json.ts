import { isUtf8 } from 'node:buffer';
import type { RecordCursor } from '../../records/record-iterator.ts';
import type { JsonBytes } from './json-bytes.ts';
import { type JsonPiece, jsonPiece } from './json-piece.ts';
import { RecordHead } from './record-head.ts';

/** How bytes appear in JSON, and how JSON is read into bytes. */
export const TEXT_FORMS = ['text', 'json', 'base64', 'none'] as const;
export type TextForm = (typeof TEXT_FORMS)[number];

/** What a subscription wants to see of a record. */
export interface RecordFields {
  readonly keys: TextForm;
  readonly values: TextForm;
  readonly headers: boolean;
  readonly times: boolean;
  /** For streams whose records stand alone. */
  readonly partition: boolean;
}

const head = new RecordHead();
const KEY = jsonPiece(',"key":');
const KEY64 = jsonPiece(',"key64":');
const VALUE = jsonPiece(',"value":');
const VALUE64 = jsonPiece(',"value64":');
const NULL_VALUE = jsonPiece(',"value":null');
const HEADERS = jsonPiece(',"headers":[');
const LIST_END = jsonPiece(']');
const COMMA = jsonPiece(',');
const END = jsonPiece('}');
const FIRST_PRINTABLE = 0x20;

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

/** As it was stored, so that no number loses digits; without its line breaks, where it has some. */
function writeJson(out: JsonBytes, source: Buffer, start: number, end: number): boolean {
  if (!isUtf8(source.subarray(start, end))) return false;
  const value = parsedOrUndefined(source.toString('utf8', start, end));
  if (value === undefined) return false;
  for (let i = start; i < end; i++) {
    if (source[i]! < FIRST_PRINTABLE) {
      out.text(JSON.stringify(value));
      return true;
    }
  }
  out.copy(source, start, end);
  return true;
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function writeHeaders(out: JsonBytes, record: RecordCursor): void {
  out.raw(HEADERS);
  for (const [i, { key, value }] of record.headers().entries()) {
    if (i > 0) out.raw(COMMA);
    out.text(JSON.stringify(headerRow(key, value)));
  }
  out.raw(LIST_END);
}

function headerRow(key: string, value: Uint8Array | null): (string | null)[] {
  if (value === null) return [key, null];
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return isUtf8(bytes) ? [key, bytes.toString()] : [key, null, bytes.toString('base64')];
}
