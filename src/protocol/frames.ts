import type { ApiKey } from './api-keys.ts';
import { codecFor, type RequestOf, type ResponseOf } from './api-registry.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  RequestHeader,
  readRequestHeader,
  responseBodyStart,
  responseHeaderVersion,
  writeRequestHeader,
  writeResponseHeader,
} from './header.ts';

/**
 * What an encoder takes: every field may be missing for the compiler. At run time a field must be
 * given unless the schema has a default for it or calls it ignorable, it is tagged, or some valid
 * version lacks it.
 */
export type Draft<T> = T extends Buffer | string | number | boolean | null
  ? T
  : T extends readonly (infer Element)[]
    ? Draft<Element>[]
    : { [Name in keyof T]?: Draft<T[Name]> };

const FRAME_LENGTH_BYTES = 4;

/** One writer a thread: messages are encoded one after the other and never overlap. */
const writer = new ByteWriter();

/** A request without the four bytes of frame length in front. */
export function encodeRequest<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  body: Draft<RequestOf<Key>>,
): Buffer {
  const encode = codecFor(apiKey).request.encoder(version);
  writer.begin();
  try {
    writeRequestHeader(writer, apiKey, version, header.correlationId, header.clientId);
    encode(writer, body as RequestOf<Key>);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return writer.finish();
}

/** The same around a body that is encoded already; its bytes are copied. */
export function requestOfBody(
  apiKey: number,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  body: Buffer,
): Buffer {
  writer.begin();
  writeRequestHeader(writer, apiKey, version, header.correlationId, header.clientId);
  if (writer.bytes.length - writer.position < body.length) {
    writer.position = writer.grow(writer.position, body.length);
  }
  writer.bytes.set(body, writer.position);
  writer.position += body.length;
  return writer.finish();
}

/** Reads a request without its frame length. Bytes behind the body are ignored, as Kafka does. */
export function decodeRequest<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  bytes: Buffer,
): { header: RequestHeader; body: RequestOf<Key> } {
  const decode = codecFor(apiKey).request.decoder(version);
  const header = new RequestHeader();
  readRequestHeader(bytes, 0, bytes.length, header);
  return { header, body: decode(bytes, header.bodyStart, bytes.length) };
}

/** A response without the four bytes of frame length in front. */
export function encodeResponse<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  correlationId: number,
  body: Draft<ResponseOf<Key>>,
): Buffer {
  return encodeResponseFrame(apiKey, version, correlationId, body).subarray(FRAME_LENGTH_BYTES);
}

/** Reads a response without its frame length. */
export function decodeResponse<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  bytes: Buffer,
): { correlationId: number; body: ResponseOf<Key> } {
  const decode = codecFor(apiKey).response.decoder(version);
  const headerVersion = responseHeaderVersion(apiKey, version);
  const bodyStart = responseBodyStart(bytes, 0, bytes.length, headerVersion);
  return { correlationId: bytes.readInt32BE(0), body: decode(bytes, bodyStart, bytes.length) };
}

/** The body of a response without its frame length. It is a view of its bytes. */
export function bodyOfResponse(apiKey: number, version: number, bytes: Buffer): Buffer {
  const headerVersion = responseHeaderVersion(apiKey, version);
  return bytes.subarray(responseBodyStart(bytes, 0, bytes.length, headerVersion));
}

/** A response ready for the socket: frame length, header, body. */
export function encodeResponseFrame<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  correlationId: number,
  body: Draft<ResponseOf<Key>>,
): Buffer {
  writeResponse(apiKey, version, correlationId, body, false);
  return writer.finish();
}

/** The same around a body that is encoded already; its bytes are copied. */
export function frameOfBody(
  apiKey: number,
  version: number,
  correlationId: number,
  body: Buffer,
): Buffer {
  writer.begin();
  writer.position += FRAME_LENGTH_BYTES;
  writeResponseHeader(writer, responseHeaderVersion(apiKey, version), correlationId);
  if (writer.bytes.length - writer.position < body.length) {
    writer.position = writer.grow(writer.position, body.length);
  }
  writer.bytes.set(body, writer.position);
  writer.position += body.length;
  writer.bytes.writeInt32BE(writer.size - FRAME_LENGTH_BYTES, writer.start);
  return writer.finish();
}

/**
 * The same in pieces for one gathered write: byte fields of 1 KB and more (the records of a fetch)
 * are the caller's own Buffers and must not change until the socket has taken them.
 */
export function encodeResponseChunks<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  correlationId: number,
  body: Draft<ResponseOf<Key>>,
): Buffer[] {
  writeResponse(apiKey, version, correlationId, body, true);
  return writer.finishChunks();
}

function writeResponse<Key extends ApiKey>(
  apiKey: Key,
  version: number,
  correlationId: number,
  body: Draft<ResponseOf<Key>>,
  keepsReferences: boolean,
): void {
  const encode = codecFor(apiKey).response.encoder(version);
  writer.begin(keepsReferences);
  // There is always room for the header: begin() sees to it.
  writer.position += FRAME_LENGTH_BYTES;
  try {
    writeResponseHeader(writer, responseHeaderVersion(apiKey, version), correlationId);
    encode(writer, body as ResponseOf<Key>);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.bytes.writeInt32BE(writer.size - FRAME_LENGTH_BYTES, writer.start);
}
