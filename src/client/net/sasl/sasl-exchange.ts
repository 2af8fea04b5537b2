import type { BrokerAddress } from '../../broker-address.ts';
import type { SaslOptions } from '../../config/sasl-options.ts';
import { oauthBearerExchange } from './oauth-bearer.ts';
import { plainExchange } from './plain.ts';
import { scramExchange } from './scram.ts';

/**
 * One authentication: yields what the client says and gets what the broker answers. It throws where
 * the broker does not prove itself.
 */
export type SaslExchange = AsyncGenerator<Buffer, void, Buffer>;

export function saslExchange(options: SaslOptions, address: BrokerAddress): SaslExchange {
  if ('exchange' in options) return options.exchange(address);
  switch (options.mechanism) {
    case 'PLAIN':
      return plainExchange(options.username, options.password);
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512': {
      const { mechanism, username, password, isDelegationToken = false } = options;
      return scramExchange(mechanism, username, password, isDelegationToken);
    }
    case 'OAUTHBEARER':
      return oauthBearerExchange(options.token);
  }
}
