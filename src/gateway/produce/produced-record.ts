import type { RecordHeader } from '../../records/record-iterator.ts';
import { CommandError } from '../command/command-error.ts';
import { badValue, integerOf, isObject, textOf } from '../command/fields.ts';

export const PRODUCED_FORMS = ['text', 'json', 'base64'] as const;
export type ProducedForm = (typeof PRODUCED_FORMS)[number];

/** How a client writes the keys and values that it produces. */
export interface ProducedForms {
  readonly keys: ProducedForm;
  readonly values: ProducedForm;
}

export interface ProducedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
  readonly timeMs: number;
  /** -1 if the key decides. */
  readonly partition: number;
}

const NO_HEADERS: readonly RecordHeader[] = [];
const HEADERS_MAX = 1000;
const PARTITION_MAX = 2 ** 31 - 1;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Reads one record. Errors name it by `path`. */
export function parseRecord(
  value: unknown,
  path: string,
  forms: ProducedForms,
  nowMs: number,
): ProducedRecord {
  if (!isObject(value)) throw badValue(path, 'must be an object');
  const { time, partition, headers } = value;
  return {
    key: bytesOf(value.key, forms.keys, path, 'key'),
    value: bytesOf(value.value, forms.values, path, 'value'),
    headers: headers === undefined || headers === null ? NO_HEADERS : headersOf(headers, path),
    timeMs:
      time === undefined || time === null
        ? nowMs
        : integerOf(time, `${path}.time`, 0, Number.MAX_SAFE_INTEGER),
    partition:
      partition === undefined || partition === null
        ? -1
        : integerOf(partition, `${path}.partition`, 0, PARTITION_MAX),
  };
}

function bytesOf(
  value: unknown,
  form: ProducedForm,
  path: string,
  name: 'key' | 'value',
): Buffer | null {
  if (value === undefined || value === null) return null;
  if (form === 'json') return Buffer.from(JSON.stringify(value));
  if (typeof value !== 'string') {
    const message = `${path}.${name} must be a string; for other JSON say "${name}s":"json"`;
    throw new CommandError('bad_value', message, `${path}.${name}`);
  }
  if (form === 'text') return Buffer.from(value);
  return base64Of(value, `${path}.${name}`);
}

function base64Of(text: string, path: string): Buffer {
  const digits = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  if (!BASE64.test(text) || digits % 4 === 1) throw badValue(path, 'must be base64');
  return Buffer.from(text, 'base64');
}

function headersOf(headers: unknown, path: string): RecordHeader[] {
  const at = `${path}.headers`;
  if (!Array.isArray(headers) || headers.length > HEADERS_MAX) {
    throw badValue(at, 'must be a list of [name, value]');
  }
  return headers.map((row: unknown, i) => {
    if (!Array.isArray(row)) throw badValue(`${at}.${i}`, 'must be [name, value]');
    const [key, value, base64] = row as unknown[];
    const name = textOf(key, `${at}.${i}.0`);
    if (base64 !== undefined && base64 !== null) {
      const path64 = `${at}.${i}.2`;
      return { key: name, value: base64Of(textOf(base64, path64), path64) };
    }
    if (value === null || value === undefined) return { key: name, value: null };
    return { key: name, value: Buffer.from(textOf(value, `${at}.${i}.1`)) };
  });
}
