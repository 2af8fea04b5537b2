import { inBackground } from '../../base/in-background.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Encoded, Serde } from './serde.ts';
import {
  issuesText,
  type SchemaInput,
  type SchemaOutput,
  type StandardResult,
  type StandardSchema,
} from './standard-schema.ts';

/** Strings as UTF-8. Null is a tombstone. */
export const text: Serde<string | null, string> = {
  isIdentity: true,
  serialize: (value) => value,
  deserialize: (bytes) => decodeText(bytes),
};

/** Bytes as they are. Null is a tombstone. */
export const bytes: Serde<Uint8Array | null, Uint8Array> = {
  isIdentity: true,
  serialize: (value) => value,
  deserialize: (value) => value,
};

const NUMBER_BYTES = 8;

/** Numbers as Java's DoubleSerializer writes them: eight bytes, big-endian. */
export const number: Serde<number | null, number> = {
  serialize(value) {
    if (value === null) return null;
    const encoded = Buffer.allocUnsafe(NUMBER_BYTES);
    encoded.writeDoubleBE(value);
    return encoded;
  },
  deserialize(value) {
    if (value.length !== NUMBER_BYTES) {
      throw new KafkaError('SERIALIZATION', `a number has 8 bytes, not ${value.length}`);
    }
    return asBuffer(value).readDoubleBE(0);
  },
};

/** How JSON is written and read. */
export interface JsonOptions {
  /** False takes of the schema only its types. */
  readonly validate?: boolean;
}

/** JSON, checked by a schema where there is one: on its way out and on its way in. */
export function json<T = unknown>(): Serde<T>;
export function json<Schema extends StandardSchema>(
  schema: Schema,
  options?: JsonOptions,
): Serde<SchemaInput<Schema>, SchemaOutput<Schema>>;
export function json(schema?: StandardSchema, options: JsonOptions = {}): Serde<unknown> {
  if (schema === undefined || options.validate === false) return PLAIN_JSON;
  const { validate } = schema['~standard'];
  return {
    serialize(value, topic) {
      settled(validate(value), topic);
      return stringify(value);
    },
    deserialize: (encoded, topic) => settled(validate(parse(encoded)), topic),
    validate(value) {
      const result = validate(value);
      return result instanceof Promise ? result.then(refuseIssues) : undefined;
    },
  };
}

const PLAIN_JSON: Serde<unknown> = { serialize: stringify, deserialize: parse };

/** A type of one's own. */
export function custom<Input, Output = Input>(serde: {
  serialize(value: Input, topic: string): Encoded;
  deserialize(bytes: Uint8Array, topic: string): Output;
}): Serde<Input, Output> {
  return serde;
}

function stringify(value: unknown): string {
  const document = JSON.stringify(value) as string | undefined;
  if (document !== undefined) return document;
  throw new KafkaError('SERIALIZATION', `JSON has no form for ${typeof value}`);
}

function parse(encoded: Uint8Array): unknown {
  return JSON.parse(decodeText(encoded));
}

function settled<T>(result: StandardResult<T> | Promise<StandardResult<T>>, topic: string): T {
  if (result instanceof Promise) {
    // Nobody looks at it again; its failure is told by the error below.
    inBackground(result, () => undefined);
    const what = `the schema of topic ${topic} answers later; use send, which waits for it`;
    throw new KafkaError('SERIALIZATION', what, { topic });
  }
  refuseIssues(result);
  return (result as { value: T }).value;
}

function refuseIssues({ issues }: StandardResult<unknown>): void {
  if (issues === undefined) return;
  throw new KafkaError('SERIALIZATION', `the schema refuses it: ${issuesText(issues)}`);
}

function decodeText(encoded: Uint8Array): string {
  return asBuffer(encoded).toString('utf8');
}

function asBuffer(encoded: Uint8Array): Buffer {
  if (Buffer.isBuffer(encoded)) return encoded;
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length);
}
