import type { ApiKey } from './api-keys.ts';
import { codecFor } from './api-registry.ts';
import { fixedSizeOf, resolveMessage } from './resolved-struct.ts';

/** A response as those make it who answer: the reply path adds the throttle time to it. */
export type Unthrottled<Response> = Omit<Response, 'throttleTimeMs'>;

const NAME = 'throttleTimeMs';

/**
 * Where the throttle time lies in the body of a response. It is -1 where the version has none, or
 * where fields of varying length come before it (Produce and ApiVersions).
 */
export function throttleTimePosition(apiKey: ApiKey, version: number): number {
  const { schema } = codecFor(apiKey).response;
  let position = 0;
  for (const field of resolveMessage(schema, version).fields) {
    if (!field.isPresent || field.tag >= 0) continue;
    if (field.name === NAME) return position;
    const size = fixedSizeOf(field);
    if (size === 0) return -1;
    position += size;
  }
  return -1;
}
