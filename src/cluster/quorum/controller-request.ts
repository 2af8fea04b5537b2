import type { Draft } from '../../protocol/frames.ts';
import { responseBodyStart } from '../../protocol/header.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import type { ApiSchema } from '../../protocol/schema-dsl.ts';

const FIXED_BYTES = 4 + 2 + 2 + 4 + 2;
/** What only controllers serve has compact lengths and tagged fields in every version. */
const NO_TAGS = 0;
const RESPONSE_HEADER_VERSION = 1;

/** A request that only controllers serve, its length in front and a correlation id of 0. */
export function controllerRequest<Request>(
  api: ApiSchema<Request, unknown>,
  version: number,
  clientId: string,
  body: Draft<Request>,
): Buffer {
  const name = Buffer.from(clientId);
  const encoded = encodeMessage(api.request, version, body);
  const frame = Buffer.alloc(FIXED_BYTES + name.length + 1 + encoded.length);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt16BE(api.key, 4);
  frame.writeInt16BE(version, 6);
  frame.writeInt16BE(name.length, FIXED_BYTES - 2);
  name.copy(frame, FIXED_BYTES);
  frame[FIXED_BYTES + name.length] = NO_TAGS;
  encoded.copy(frame, FIXED_BYTES + name.length + 1);
  return frame;
}

/** The body of the answer in bytes[start, end), which begins with the correlation id. */
export function controllerResponse<Request, Response>(
  api: ApiSchema<Request, Response>,
  version: number,
  bytes: Buffer,
  start: number,
  end: number,
): Response {
  const at = responseBodyStart(bytes, start, end, RESPONSE_HEADER_VERSION);
  return decodeMessage(api.response, version, bytes, at, end);
}
