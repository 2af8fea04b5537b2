import type { ConsumerRecord } from '../../client/consumer/records/consumer-record.ts';
import { unescapedBytes } from '../escapes.ts';
import { isoTime, jsonBytes, printableBytes } from '../printable.ts';
import { UsageError } from '../usage-error.ts';
import type { OutputBuffer } from './output-buffer.ts';

type Bytes = Uint8Array | null;

/** Prints one record. */
export type RecordFormat = (out: OutputBuffer, record: ConsumerRecord) => void;

/** How keys, values and headers appear. */
export interface PartStyle {
  /** What stands for null. */
  readonly nullText: string;
  /** A terminal gets no control characters, a pipe the bytes as they are. */
  readonly isTerminal: boolean;
}

/** All of them one after the other. */
export function inOrder(formats: readonly RecordFormat[]): RecordFormat {
  return (out, record) => {
    for (let i = 0; i < formats.length; i++) formats[i]!(out, record);
  };
}

export function fixedText(bytes: Uint8Array): RecordFormat {
  return (out) => out.bytes(bytes);
}

function put(out: OutputBuffer, part: Bytes, { nullText, isTerminal }: PartStyle): void {
  if (part === null) out.text(nullText);
  else if (isTerminal) out.text(printableBytes(part));
  else out.bytes(part);
}

export function keyFormat(style: PartStyle): RecordFormat {
  return (out, record) => put(out, record.keyBytes, style);
}

export function valueFormat(style: PartStyle): RecordFormat {
  return (out, record) => put(out, record.valueBytes, style);
}

export interface HeaderStyle extends PartStyle {
  readonly between: string;
  readonly assigns: string;
  /** What stands for no headers at all. */
  readonly none: string;
}

export function headersFormat(style: HeaderStyle): RecordFormat {
  return (out, record) => {
    let count = 0;
    for (const [name, value] of record.headers) {
      if (count++ > 0) out.text(style.between);
      put(out, Buffer.from(name), style);
      out.text(style.assigns);
      put(out, value, style);
    }
    if (count === 0) out.text(style.none);
  };
}

/** kcat's -f: `%t %p %o %k %s %h %T %S %K %R` and escapes. */
export function kcatFormat(text: string, style: PartStyle): RecordFormat {
  const pieces: RecordFormat[] = [];
  for (const part of text.split(/(%.?)/s)) {
    if (part === '') continue;
    pieces.push(part.startsWith('%') ? kcatToken(part, style) : fixedText(unescapedBytes(part)));
  }
  return inOrder(pieces);
}

function kcatToken(token: string, style: PartStyle): RecordFormat {
  const lengthOf = (part: Bytes) => part?.length ?? -1;
  switch (token) {
    case '%t':
      return (out, record) => out.text(record.topic);
    case '%p':
      return (out, record) => out.text(String(record.partition));
    case '%o':
      return (out, record) => out.text(String(record.offset));
    case '%T':
      return (out, record) => out.text(String(record.timestamp));
    case '%k':
      return keyFormat(style);
    case '%s':
      return valueFormat(style);
    case '%K':
      return (out, record) => out.text(String(lengthOf(record.keyBytes)));
    case '%S':
      return (out, record) => out.text(String(lengthOf(record.valueBytes)));
    case '%R':
      return (out, record) => out.int32(lengthOf(record.valueBytes));
    case '%h':
      return headersFormat({ ...style, nullText: 'NULL', between: ',', assigns: '=', none: '' });
    case '%%':
      return (out) => out.text('%');
    default:
      throw new UsageError(`-f: there is no '${token}'; expected %t %p %o %k %s %h %T %S %K %R`);
  }
}

/** One object a line: text where the bytes are text, else an object with Base64. */
export function jsonFormat(out: OutputBuffer, record: ConsumerRecord): void {
  const { topic, partition, offset } = record;
  const headers = Array.from(record.headers, ([key, value]) => ({ key, value: jsonBytes(value) }));
  const line = {
    topic,
    partition,
    offset,
    timestamp: isoTime(record.timestamp),
    key: jsonBytes(record.keyBytes),
    value: jsonBytes(record.valueBytes),
    headers,
  };
  out.text(`${JSON.stringify(line)}\n`);
}

/** kcat's -J. `leaders` has the broker of each partition by `topic-partition`. */
export function kcatEnvelope(leaders: ReadonlyMap<string, number>): RecordFormat {
  return (out, record) => {
    const { topic, partition, offset, timestamp: ts } = record;
    const stamped = record.batch.origin.appendTimeMs >= 0 ? 'logappend' : 'create';
    const headers = Array.from(record.headers, ([name, value]) => [name, jsonBytes(value)]).flat();
    const line = {
      topic,
      partition,
      offset,
      tstype: ts < 0 ? 'unknown' : stamped,
      ts,
      broker: leaders.get(`${topic}-${partition}`) ?? -1,
      ...(headers.length === 0 ? {} : { headers }),
      key: jsonBytes(record.keyBytes),
      payload: jsonBytes(record.valueBytes),
    };
    out.text(`${JSON.stringify(line)}\n`);
  };
}
