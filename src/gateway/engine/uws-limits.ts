import type { TlsListenerSettings } from '../../metadata/config/tls-settings.ts';

/** The setting of TLS that uWebSockets.js cannot serve; null where it serves them all. */
export function unservedByUws({
  key,
  clientAuth,
  oldest,
  newest,
  ciphers,
}: TlsListenerSettings): string | null {
  if (clientAuth !== 'none') return `ssl.client.auth=${clientAuth}`;
  if (key.type !== 'PEM') return `ssl.keystore.type=${key.type}`;
  if (ciphers.length > 0) return 'ssl.cipher.suites';
  return oldest === 'TLSv1.2' && newest === 'TLSv1.3' ? null : 'ssl.enabled.protocols';
}
