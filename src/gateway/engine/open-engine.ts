import { MillraceError, reasonOf } from '../../base/errors.ts';
import type { HttpEngineChoice } from '../../metadata/config/broker-endpoints.ts';
import type { HttpEngine } from './http-engine.ts';
import { NodeEngine } from './node/node-engine.ts';
import { UwsEngine } from './uws-engine.ts';

/** The engine that is asked for. `auto` is uWebSockets.js where it loads. */
export async function openEngine(choice: HttpEngineChoice, host: string): Promise<HttpEngine> {
  if (choice === 'node') return new NodeEngine(host);
  try {
    return await UwsEngine.create(host);
  } catch (thrown) {
    if (choice === 'auto') return new NodeEngine(host);
    const message = `millrace.http.engine: uWebSockets.js does not load: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
  }
}
