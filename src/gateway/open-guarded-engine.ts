import type { Services } from '../front/requests/front-services.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import { HTTP_LISTENER } from '../metadata/config/listener-scope.ts';
import { GuardedEngine } from './engine/guarded-engine.ts';
import { openEngine } from './engine/open-engine.ts';

type Needed = Services<'tls' | 'logger' | 'audit' | 'faults' | 'clock' | 'kafka'>;

/** The engine of a listener that does not listen yet. A route that throws is one log line. */
export async function openGuardedEngine(
  endpoint: HttpEndpoint,
  { tls, logger, audit, faults, clock, kafka }: Needed,
): Promise<GuardedEngine> {
  const context = endpoint.isSecure ? tls.open(HTTP_LISTENER) : null;
  const served = await openEngine(endpoint, context, logger, (address, reason) => {
    audit.log?.failed({ principal: '', address }, 'SSL', reason);
  });
  const engine = new GuardedEngine(served, (what, thrown) => {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    faults.warn(`http ${what}`, `${what} failed: ${text}`, clock.monotonicMs());
  });
  const { admission } = kafka;
  engine.admit(
    (address) => {
      const isIn = admission.enterGateway();
      if (!isIn) {
        const text = `refused a connection of HTTP from ${address}: too many are open`;
        faults.warn('http refused', text, clock.monotonicMs());
      }
      return isIn;
    },
    () => admission.leaveGateway(),
  );
  return engine;
}
