/** What makes a broker listen with SASL, or with SASL and TLS, beside its plain port. */
import { Admin } from '../../dist/client/index.js';
import { ThrowAwayAuthority } from '../../dist/security/tls/throw-away-authority.js';
import { freePort } from '../conformance/lib/brokers.mjs';

export const USER = { user: 'alice', password: 'secret' };
export const PASSWORD_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

export async function securedListener(protocol) {
  if (protocol === undefined) return { port: 0, isTls: false, overrides: {} };
  const port = await freePort();
  const hosts = ['localhost', '127.0.0.1'];
  const pair = new ThrowAwayAuthority().issue({ commonName: 'localhost', hosts });
  const overrides = {
    listeners: `PLAINTEXT://127.0.0.1:0,${protocol}://127.0.0.1:${port}`,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    'millrace.sasl.users': `${USER.user}:${USER.password}`,
    'ssl.keystore.certificate.chain': pair.certificate,
    'ssl.keystore.key': pair.key,
  };
  return { protocol, port, pair, isTls: protocol === 'SASL_SSL', overrides };
}

/** For a broker whose users are in its metadata alone. */
export async function addUser(port, { user, password }) {
  const admin = new Admin({ bootstrapServers: `127.0.0.1:${port}` });
  try {
    await admin.scram.alter([{ user, mechanism: 'SCRAM-SHA-256', iterations: 4096, password }]);
  } finally {
    await admin.close();
  }
}
