import { API, type ApiKey } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';

const DELAY_MS = 20;

/** What consumers ask for first: the newest versions, and those of KafkaJS. */
const VERSIONS: readonly (readonly [key: ApiKey, versions: readonly number[]])[] = [
  [API.FIND_COORDINATOR, [6, 2]],
  [API.LIST_OFFSETS, [11, 3]],
  [API.FETCH, [18, 11]],
  [API.OFFSET_FETCH, [10]],
  [API.METADATA, [13, 6]],
];

/**
 * Compiles the codecs that the first consumers would wait for. One is compiled in each turn of the
 * event loop, so that requests are served in between.
 */
export function warmUpCodecs(): void {
  const compilers = VERSIONS.flatMap(([key, versions]) => {
    const { request, response } = codecFor<ApiKey>(key);
    return versions.flatMap((version) => [
      () => request.decoder(version),
      () => response.encoder(version),
    ]);
  });
  const next = (): void => {
    compilers.shift()?.();
    if (compilers.length > 0) setImmediate(next).unref();
  };
  setTimeout(next, DELAY_MS).unref();
}
