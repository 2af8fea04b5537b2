import { MillraceError } from '../base/errors.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Draft } from './frames.ts';
import { MessageCodec } from './message-codec.ts';
import type { MessageSchema } from './schema-dsl.ts';

/**
 * Messages that travel inside others or lie in internal topics: an int16 version, then the body.
 * The key of a coordinator's record has the record type in place of the version.
 */
const codecs = new WeakMap<MessageSchema<unknown>, MessageCodec<unknown>>();
const writer = new ByteWriter();

function codecOf<T>(schema: MessageSchema<T>): MessageCodec<T> {
  let codec = codecs.get(schema);
  if (codec === undefined) {
    codec = new MessageCodec(schema as MessageSchema<unknown>);
    codecs.set(schema, codec);
  }
  return codec as MessageCodec<T>;
}

/** The body alone, without a version in front. */
export function encodeMessage<T>(
  schema: MessageSchema<T>,
  version: number,
  body: Draft<T>,
): Buffer {
  return encodeWithPrefix(schema, version, -1, body);
}

/** The body behind the version: a coordinator's value, a consumer's subscription or assignment. */
export function encodeVersioned<T>(
  schema: MessageSchema<T>,
  version: number,
  body: Draft<T>,
): Buffer {
  return encodeWithPrefix(schema, version, version, body);
}

/** A coordinator's key: the body (always in version 0) behind the record type. */
export function encodeRecordKey<T>(schema: MessageSchema<T>, body: Draft<T>): Buffer {
  return encodeWithPrefix(schema, codecOf(schema).versions.lowest, schema.recordType, body);
}

function encodeWithPrefix<T>(
  schema: MessageSchema<T>,
  version: number,
  prefix: number,
  body: Draft<T>,
): Buffer {
  const encode = codecOf(schema).encoder(version);
  writer.begin();
  if (prefix >= 0) writer.position = writer.bytes.writeInt16BE(prefix, writer.position);
  try {
    encode(writer, body as T);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return writer.finish();
}

/** Reads a body that has no version in front. */
export function decodeMessage<T>(
  schema: MessageSchema<T>,
  version: number,
  bytes: Buffer,
  start = 0,
  end = bytes.length,
): T {
  return codecOf(schema).decoder(version)(bytes, start, end);
}

/** The int16 in front: a version, or the type of a record's key. */
export function prefixOf(bytes: Buffer): number {
  if (bytes.length < 2) {
    throw new MillraceError('MILLRACE_PROTOCOL', 'a message ends inside its version');
  }
  return bytes.readInt16BE(0);
}

/** Reads a body in the version in front of it; a version that is not known is an error. */
export function decodeVersioned<T>(schema: MessageSchema<T>, bytes: Buffer): T {
  return decodeMessage(schema, prefixOf(bytes), bytes, 2);
}

/**
 * The same for a consumer's own metadata, which promises that a later version only adds fields: it
 * is read as the latest that is known.
 */
export function decodeVersionedLenient<T>(schema: MessageSchema<T>, bytes: Buffer): T {
  const version = Math.min(prefixOf(bytes), codecOf(schema).versions.highest);
  return decodeMessage(schema, version, bytes, 2);
}

/** Reads a coordinator's key whose record type was found to be that of the schema. */
export function decodeRecordKey<T>(schema: MessageSchema<T>, bytes: Buffer): T {
  return decodeMessage(schema, codecOf(schema).versions.lowest, bytes, 2);
}
