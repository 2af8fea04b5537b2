import { MillraceError, reasonOf } from '../../base/errors.ts';
import { readUnsignedVarint, varintEnd } from '../../base/varint.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import { type KraftRecord, METADATA_RECORD_TABLE } from '../../protocol/metadata-record-table.ts';
import type { MessageSchema } from '../../protocol/schema-dsl.ts';

const FRAME_VERSION = 1;

interface RecordType {
  readonly kind: string;
  readonly schema: MessageSchema<unknown>;
}

const TYPES = new Map<number, RecordType>();
for (const [kind, schema] of Object.entries<MessageSchema<unknown>>(METADATA_RECORD_TABLE)) {
  TYPES.set(schema.recordType, { kind, schema });
}

/**
 * Reads one record of the metadata log: uvarint frame version, uvarint type, uvarint version, body.
 * A type or version that is not known is an error: to skip it would make another image than the
 * controllers' own.
 */
export function decodeMetadataRecord(bytes: Buffer, offset: number): KraftRecord {
  const end = bytes.length;
  const frameVersion = readUnsignedVarint(bytes, 0, end);
  if (varintEnd < 0 || frameVersion !== FRAME_VERSION) {
    throw corrupt(offset, `has frame version ${frameVersion}`);
  }
  const type = readUnsignedVarint(bytes, varintEnd, end);
  if (varintEnd < 0) throw corrupt(offset, 'ends inside its type');
  const known = TYPES.get(type);
  if (known === undefined) throw corrupt(offset, `has type ${type}, which is not known here`);
  const version = readUnsignedVarint(bytes, varintEnd, end);
  if (varintEnd < 0) throw corrupt(offset, 'ends inside its version');
  try {
    const body = decodeMessage(known.schema, version, bytes, varintEnd, end);
    return { kind: known.kind, body } as KraftRecord;
  } catch (thrown) {
    throw corrupt(offset, `cannot be read: ${reasonOf(thrown)}`);
  }
}

/** The bytes of one record of the metadata log. */
export function encodeMetadataRecord({ kind, body }: KraftRecord, version: number): Buffer {
  const schema: MessageSchema<unknown> = METADATA_RECORD_TABLE[kind];
  const head = Buffer.from([FRAME_VERSION, schema.recordType, version]);
  return Buffer.concat([head, encodeMessage(schema, version, body as never)]);
}

function corrupt(offset: number, what: string): MillraceError {
  const message = `the record at offset ${offset} of the metadata log ${what}`;
  return new MillraceError('MILLRACE_CORRUPT', message);
}
