import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Admin, type AdminOptions } from '../../../src/client/index.ts';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import type { SecuredCluster } from '../../support/secured-cluster.ts';
import { expectRefused } from './refusals.ts';
import { administrator, nameFor, roundTrip } from './set-up.ts';

const CERTIFICATE = { code: 'NETWORK_EXCEPTION', category: 'invalid-configuration' };

export function tlsCases(cluster: () => SecuredCluster): void {
  describe('TLS', () => {
    it('carries records, and checks who the broker is', async () => {
      await using admin = new Admin(cluster().clientOf('SSL'));
      expect(await admin.connect()).toHaveLength(1);
      await expectRefused(cluster().clientOf('SSL', { ssl: true }), CERTIFICATE);
      const stranger = new ThrowAwayAuthority().certificate;
      await expectRefused(cluster().clientOf('SSL', { ssl: { ca: stranger } }), CERTIFICATE);
      const ca = cluster().authority.certificate;
      const elsewhere = cluster().clientOf('SSL', { ssl: { ca, servername: 'elsewhere.example' } });
      await expectRefused(elsewhere, CERTIFICATE);
    });

    it('names a client by its certificate where the listener asks for one', async () => {
      await roundTrip(cluster(), 'holder', cluster().holderOf('holder'));
      await using other = new Admin(cluster().holderOf('other'));
      const [outcome] = (await other.topics.describe([nameFor('holder')])).values();
      expect(outcome).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
    });

    it('ends a client without a certificate, and one whose authority is not trusted', async () => {
      const bare = cluster().clientOf('MTLS');
      const stranger = cluster().holderOf('holder', new ThrowAwayAuthority());
      for (const options of [bare, stranger]) {
        if (cluster().isKafka) await expectRefused(options, CERTIFICATE);
        // Node's TLS servers cut such a client without an alert that would tell it why.
        else await expectCut(options);
      }
    });

    it('fails in time where one side speaks TLS and the other does not', async () => {
      const plain = cluster().clientOf('SSL', { ssl: false });
      if (cluster().isKafka) await expectCut(plain, 'MALFORMED_ANSWER', "set the option 'ssl'");
      else await expectCut(plain);
      const ssl = { ca: cluster().authority.certificate };
      await expectCut(cluster().clientOf('PLAINTEXT', { ssl }));
      const silent = createServer(() => undefined).listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as { port: number };
      const bootstrapServers = `127.0.0.1:${port}`;
      const waiting = { bootstrapServers, ssl, socketConnectionSetupTimeoutMs: 200 };
      await expectCut(waiting, 'NETWORK_EXCEPTION', 'no answer within 200 ms');
      silent.close();
    });

    it('leaves the administrator alone', async () => {
      await using admin = administrator(cluster());
      expect(await admin.connect()).toHaveLength(1);
    });
  });
}

async function expectCut(
  options: AdminOptions,
  code = 'NETWORK_EXCEPTION',
  text = '',
): Promise<void> {
  await using admin = new Admin(options);
  const message = expect.stringContaining(text);
  await expect(admin.connect()).rejects.toMatchObject({ code, message });
}
