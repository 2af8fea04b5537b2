import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import { until } from '../../support/until.ts';

const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

const authority = new ThrowAwayAuthority();
const folder = mkdtempSync(join(tmpdir(), 'millrace-sessions-'));
const location = join(folder, 'store.pem');
let broker: EmbeddedBroker;

/** The file changes as a whole, as tools that renew certificates have it. */
function writeStore(commonName: string): void {
  const { certificate, key } = authority.issue({ commonName, hosts: ['broker.example'] });
  writeFileSync(`${location}.new`, certificate + key);
  renameSync(`${location}.new`, location);
}

beforeAll(async () => {
  writeStore('first');
  broker = await startBroker({
    config: {
      listeners: 'SSL://127.0.0.1:0',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': location,
      'millrace.http.listener': 'none',
    },
  });
});

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

interface Served {
  readonly isReused: boolean;
  /** For the next time. */
  readonly session: Buffer;
}

/** An answer was read, and with it the session for the next time. */
async function served(options: ConnectionOptions): Promise<Served> {
  const { certificate: ca } = authority;
  const socket = connect({ host: '127.0.0.1', port: broker.port, ca, ...options });
  const answered = new Promise((resolve) => socket.once('data', resolve));
  const sessions: Buffer[] = [];
  socket.on('session', (session) => sessions.push(session));
  const failed = new Promise<never>((_, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  socket.write(API_VERSIONS);
  await Promise.race([answered, failed]);
  const isReused = socket.isSessionReused();
  const session = sessions.at(-1) ?? socket.getSession()!;
  socket.destroy();
  return { isReused, session };
}

const anyName = { checkServerIdentity: () => undefined };

async function nameShown(options: ConnectionOptions) {
  const { certificate: ca } = authority;
  const socket = connect({ host: '127.0.0.1', port: broker.port, ca, ...anyName, ...options });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

describe.each(VERSIONS)('a client of %s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  it('is shown the one certificate, whatever name it asks for', async () => {
    await served({ ...only, servername: 'broker.example' });
    for (const servername of ['other.example', 'xn--bcher-kva.example', `${'a'.repeat(63)}.b`]) {
      await served({ ...only, ...anyName, servername });
      await expect(served({ ...only, servername })).rejects.toThrow("does not match certificate's");
    }
  });

  it('takes up a session again, and begins anew where the certificate was renewed', async () => {
    const named = { ...only, servername: 'broker.example' };
    const first = await served(named);
    expect(first.isReused).toBe(false);
    const again = await served({ ...named, session: first.session });
    expect(again.isReused).toBe(true);
    const name = `renewed-for-${version}`;
    writeStore(name);
    await until('the new certificate', async () => (await nameShown(only)) === name);
    const renewed = await served({ ...named, session: again.session });
    expect(renewed.isReused).toBe(false);
    const last = await served({ ...named, session: renewed.session });
    expect(last.isReused).toBe(true);
  }, 30_000);
});
