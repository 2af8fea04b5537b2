import type { PeerSecurity } from '../cluster/quorum/controller-settings.ts';
import { tlsOptions } from '../front/net/tls/tls-options.ts';
import type { PeerSettings } from '../metadata/config/peer-settings.ts';

/** The settings with the files of certificates read. Throws where one cannot be. */
export function peerSecurity({ tls, sasl }: PeerSettings): PeerSecurity {
  if (tls === null) return { tls, checksHost: true, sasl };
  return { tls: tlsOptions(tls), checksHost: tls.checksHost, sasl };
}
