import type { FrameRouter } from '../front/net/connection.ts';
import { MappedMemory } from '../front/net/frame-memory.ts';
import { type FrontSystem, KafkaFront } from '../front/net/kafka-front.ts';
import type { TlsContexts } from '../front/net/tls/tls-contexts.ts';
import { native } from '../log/native.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import type { AuditLog } from '../security/audit/audit-log.ts';
import { ConnectionRates } from '../security/quotas/connection-rates.ts';
import { frontLimits } from './limits.ts';
import { type SaslMeans, saslListeners } from './sasl-listeners.ts';

type FrontMeans = SaslMeans &
  Required<Pick<FrontSystem, 'sockets' | 'turnMemory' | 'onUnreadable'>> & {
    readonly tls: TlsContexts;
    readonly audit: AuditLog | null;
  };

/** The front of a node. Clients whose password or token is removed are cut off. */
export function kafkaFrontOf(
  settings: BrokerSettings,
  router: FrameRouter,
  means: FrontMeans,
): KafkaFront {
  const { view, clock, logger, audit, tls, sockets, turnMemory, onUnreadable } = means;
  const kafka = new KafkaFront(router, frontLimits(settings, logger), clock, logger, {
    sockets,
    connectionRates: new ConnectionRates(view, settings.quotas),
    sasl: saslListeners(settings.sasl, means),
    tls,
    onDisbelieved: (address, reason) => {
      audit?.failed({ principal: '', address }, 'SSL', reason);
    },
    memory: new MappedMemory(native),
    turnMemory,
    onUnreadable,
  });
  view.onChange(({ records }) => {
    for (const record of records) {
      if (record.type === 'scram-removed') kafka.revoke(record.user, record.mechanism);
      if (record.type === 'token-removed') kafka.revokeToken(record.id);
    }
  });
  return kafka;
}
