import { MillraceError } from '../base/errors.ts';
import { readUnsignedVarint, varintEnd } from '../base/varint.ts';
import { API } from './api-keys.ts';
import { findCodec } from './api-registry.ts';
import type { ByteWriter } from './byte-writer.ts';
import { MAX_TAGS } from './decode-runtime.ts';

/**
 * Request header                              version 1   version 2 (flexible APIs)
 *   0  int16  api key                             x           x
 *   2  int16  api version                         x           x
 *   4  int32  correlation id                      x           x
 *   8  int16  length of the client id, -1 null    x           x
 *  10         client id, UTF-8                    x           x
 *   -         tagged fields                                   x
 *
 * Response header: int32 correlation id; version 1 has tagged fields behind it.
 */
const FIXED_BYTES = 10;

/** Filled in place for each frame: one object serves a connection for its life. */
export class RequestHeader {
  /** -1 before a header was read. */
  apiKey = -1;
  /** As it was sent, also where no such version exists. */
  apiVersion = -1;
  /** What the response repeats, so that the client finds its request. */
  correlationId = 0;
  /** The name that the client gave itself; null where it gave none. */
  clientId: string | null = null;
  /** Where the body begins. For an API that is not known: behind the client id. */
  bodyStart = 0;
}

export function requestHeaderVersion(apiKey: number, apiVersion: number): 1 | 2 {
  const codec = findCodec(apiKey);
  return codec !== undefined && apiVersion >= codec.flexibleFrom ? 2 : 1;
}

/** ApiVersions answers with version 0 always: its client does not know yet what we speak. */
export function responseHeaderVersion(apiKey: number, apiVersion: number): 0 | 1 {
  if (apiKey === API.API_VERSIONS) return 0;
  return requestHeaderVersion(apiKey, apiVersion) === 2 ? 1 : 0;
}

/** Reads the header of the request in bytes[start, end); unknown APIs and versions are no error. */
export function readRequestHeader(
  bytes: Buffer,
  start: number,
  end: number,
  into: RequestHeader,
): void {
  if (end - start < FIXED_BYTES) throw malformed('the message ends inside it');
  into.apiKey = bytes.readInt16BE(start);
  into.apiVersion = bytes.readInt16BE(start + 2);
  into.correlationId = bytes.readInt32BE(start + 4);
  const length = bytes.readInt16BE(start + 8);
  const clientIdAt = start + FIXED_BYTES;
  if (length > end - clientIdAt) throw malformed(`a client id of ${length} bytes is cut off`);
  if (length < -1) throw malformed(`a client id has a length of ${length}`);
  if (length < 0) into.clientId = null;
  else if (!sameText(into.clientId, bytes, clientIdAt, length)) {
    into.clientId = bytes.toString('utf8', clientIdAt, clientIdAt + length);
  }
  into.bodyStart = clientIdAt + Math.max(0, length);
  const codec = findCodec(into.apiKey);
  if (codec !== undefined && into.apiVersion >= codec.flexibleFrom) {
    into.bodyStart = skipTags(bytes, into.bodyStart, end);
  }
}

/** A connection sends the same client id each time: comparing is cheaper than a new string. */
function sameText(text: string | null, bytes: Buffer, at: number, length: number): boolean {
  if (text === null || text.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i]!;
    if (byte >= 0x80 || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}

function skipTags(bytes: Buffer, start: number, end: number): number {
  const count = readUnsignedVarint(bytes, start, end);
  let at = varintEnd;
  if (at < 0) throw malformed('the message ends inside it');
  if (count > MAX_TAGS || count * 2 > end - at) {
    throw malformed(`${count} tagged fields are too many`);
  }
  for (let i = 0; i < count; i++) {
    readUnsignedVarint(bytes, at, end);
    if (varintEnd < 0) throw malformed('a tag is cut off');
    const size = readUnsignedVarint(bytes, varintEnd, end);
    if (varintEnd < 0 || size > end - varintEnd) throw malformed('a tagged field is cut off');
    at = varintEnd + size;
  }
  return at;
}

function malformed(what: string): MillraceError {
  return new MillraceError('MILLRACE_PROTOCOL', `request header: ${what}`);
}

export function writeRequestHeader(
  writer: ByteWriter,
  apiKey: number,
  apiVersion: number,
  correlationId: number,
  clientId: string | null,
): void {
  const needed = FIXED_BYTES + 1;
  if (writer.bytes.length - writer.position < needed) {
    writer.position = writer.grow(writer.position, needed);
  }
  const { bytes, position } = writer;
  bytes.writeInt16BE(apiKey, position);
  bytes.writeInt16BE(apiVersion, position + 2);
  bytes.writeInt32BE(correlationId, position + 4);
  let at = position + 8;
  if (clientId === null) {
    at = bytes.writeInt16BE(-1, at);
  } else {
    at = writer.string(at, clientId);
    if (at < 0) throw new MillraceError('MILLRACE_BAD_ARGUMENT', 'the client id is too long');
  }
  if (requestHeaderVersion(apiKey, apiVersion) === 2) at = writer.uvarint(at, 0);
  writer.position = at;
}

export function writeResponseHeader(
  writer: ByteWriter,
  headerVersion: 0 | 1,
  correlationId: number,
): void {
  if (writer.bytes.length - writer.position < 5) {
    writer.position = writer.grow(writer.position, 5);
  }
  const { bytes } = writer;
  const at = writer.position;
  bytes[at] = correlationId >> 24;
  bytes[at + 1] = correlationId >> 16;
  bytes[at + 2] = correlationId >> 8;
  bytes[at + 3] = correlationId;
  bytes[at + 4] = 0;
  writer.position = at + 4 + headerVersion;
}

/** Where the body of the response in bytes[start, end) begins. */
export function responseBodyStart(
  bytes: Buffer,
  start: number,
  end: number,
  headerVersion: 0 | 1,
): number {
  if (end - start < 4) throw malformed('a response ends before its correlation id');
  return headerVersion === 0 ? start + 4 : skipTags(bytes, start + 4, end);
}
