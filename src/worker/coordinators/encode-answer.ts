import { findCodec } from '../../protocol/api-registry.ts';
import type { ByteWriter } from '../../protocol/byte-writer.ts';

/**
 * Encodes what a coordinator answers. The throttle time is left 0: the front knows the client's
 * quotas and writes it into the bytes.
 */
export function encodeAnswer(
  writer: ByteWriter,
  apiKey: number,
  version: number,
  body: { throttleTimeMs?: number },
): void {
  body.throttleTimeMs = 0;
  findCodec(apiKey)!.response.encoder(version)(writer, body);
}
