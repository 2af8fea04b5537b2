/** Kafka's protocol as a library: `import { encodeRequest } from 'millrace/protocol'`. */

export { errorMessage } from '../base/kafka-error-texts.ts';
export { ERROR, type ErrorCode, errorName, isRetriable } from '../base/kafka-errors.ts';
export { API, type ApiKey } from './api-keys.ts';
export {
  type ApiCodec,
  allCodecs,
  apiName,
  codecFor,
  findCodec,
  type RequestOf,
  type ResponseOf,
} from './api-registry.ts';
export {
  type Draft,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from './frames.ts';
export type { RequestHeader } from './header.ts';
export { decodeMessage, decodeVersioned, encodeMessage, encodeVersioned } from './message-bytes.ts';
export type { ApiSchema, MessageSchema } from './schema-dsl.ts';
export { INT64_MAX, INT64_MIN, ZERO_UUID } from './schema-dsl.ts';
