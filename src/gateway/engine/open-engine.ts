import { MillraceError, reasonOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { HttpEndpoint } from '../../metadata/config/broker-endpoints.ts';
import type { TlsListenerSettings } from '../../metadata/config/tls-settings.ts';
import type { HttpEngine } from './http-engine.ts';
import { NodeEngine } from './node/node-engine.ts';
import { STALLED_MS } from './node/node-response.ts';
import { TlsDoor } from './node/tls-door.ts';
import { UwsEngine } from './uws-engine.ts';

/**
 * The engine that is asked for. `auto` is uWebSockets.js where it loads. TLS is Node's, which takes
 * keys in every form and new certificates without a restart.
 */
export async function openEngine(
  { engine, host }: HttpEndpoint,
  tls: TlsListenerSettings | null,
  logger: Logger,
): Promise<HttpEngine> {
  if (tls !== null) {
    if (engine !== 'uws') return new NodeEngine(host, STALLED_MS, new TlsDoor(tls, logger));
    const message = 'millrace.http.engine=uws speaks no TLS; set auto or node for https';
    throw new MillraceError('MILLRACE_BAD_CONFIG', message);
  }
  if (engine === 'node') return new NodeEngine(host);
  try {
    return await UwsEngine.create(host);
  } catch (thrown) {
    if (engine === 'auto') return new NodeEngine(host);
    const message = `millrace.http.engine: uWebSockets.js does not load: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
  }
}
