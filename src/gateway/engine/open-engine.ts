import { MillraceError, reasonOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { OnDisbelieved } from '../../front/net/tls/certificate-users.ts';
import type { TlsContext } from '../../front/net/tls/tls-context.ts';
import type { HttpEndpoint } from '../../metadata/config/broker-endpoints.ts';
import type { HttpEngine } from './http-engine.ts';
import { NodeEngine } from './node/node-engine.ts';
import { STALLED_MS } from './node/node-response.ts';
import { TlsDoor } from './node/tls-door.ts';
import { UwsEngine } from './uws-engine.ts';
import { unservedByUws } from './uws-limits.ts';

/**
 * The engine that is asked for. `auto` is uWebSockets.js where it loads and serves the settings of
 * TLS, which costs it half of what it costs Node; else it is Node, which serves them all.
 */
export async function openEngine(
  { engine, host }: HttpEndpoint,
  tls: TlsContext | null,
  logger: Logger,
  onDisbelieved: OnDisbelieved = () => {},
): Promise<HttpEngine> {
  const onNode = (): NodeEngine => {
    const door = tls === null ? null : new TlsDoor(tls, logger, onDisbelieved);
    return new NodeEngine(host, STALLED_MS, door);
  };
  if (engine === 'node') return onNode();
  const unserved = tls === null ? null : unservedByUws(tls.settings);
  if (unserved !== null) {
    if (engine === 'auto') {
      logger.info(`Node serves HTTPS, as uWebSockets.js does not serve ${unserved}`);
      return onNode();
    }
    const message = `millrace.http.engine=uws does not serve ${unserved}; set auto or node`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message);
  }
  try {
    return await UwsEngine.create(host, tls);
  } catch (thrown) {
    if (engine === 'auto') return onNode();
    const message = `millrace.http.engine: uWebSockets.js does not load: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
  }
}
