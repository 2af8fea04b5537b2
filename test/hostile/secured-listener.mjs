/** What makes a broker listen with SASL, or with SASL and TLS, beside its plain port. */
import { ThrowAwayAuthority } from '../../dist/security/tls/throw-away-authority.js';
import { freePort } from '../conformance/lib/brokers.mjs';

export async function securedListener(protocol) {
  const port = await freePort();
  const hosts = ['localhost', '127.0.0.1'];
  const { certificate, key } = new ThrowAwayAuthority().issue({ commonName: 'localhost', hosts });
  const overrides = {
    listeners: `PLAINTEXT://127.0.0.1:0,${protocol}://127.0.0.1:${port}`,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    'millrace.sasl.users': 'alice:secret',
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
  };
  return { port, overrides };
}
