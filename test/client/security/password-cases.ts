import { describe, expect, it } from 'vitest';
import { Admin } from '../../../src/client/index.ts';
import { PASSWORDS, type SecuredCluster } from '../../support/secured-cluster.ts';
import { expectRefused } from './refusals.ts';
import { roundTrip } from './set-up.ts';

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const REFUSED = { code: 'SASL_AUTHENTICATION_FAILED', category: 'invalid-configuration' };

export function passwordCases(cluster: () => SecuredCluster): void {
  describe.each(MECHANISMS)('%s', (mechanism) => {
    it.each(['ada', 'bob'] as const)('lets %s in with any letters in a password', async (user) => {
      const sasl = { mechanism, username: user, password: PASSWORDS[user] };
      await roundTrip(cluster(), user, cluster().userOf(sasl));
    });

    it('refuses a wrong password, and a user that does not exist', async () => {
      const wrong = { mechanism, username: 'ada', password: 'guess' };
      await expectRefused(cluster().userOf(wrong), REFUSED);
      const nobody = { mechanism, username: 'nobody', password: PASSWORDS.ada };
      await expectRefused(cluster().userOf(nobody), REFUSED);
    });
  });

  describe('SASL', () => {
    it('tells which mechanisms there are', async () => {
      const sasl = { mechanism: 'GSSAPI', exchange: () => noExchange() };
      await expectRefused(cluster().userOf(sasl), {
        code: 'UNSUPPORTED_SASL_MECHANISM',
        category: 'invalid-configuration',
        message: expect.stringContaining('SCRAM-SHA-512'),
      });
    });

    it('is refused by a listener that has none', async () => {
      const sasl = { mechanism: 'PLAIN', username: 'ada', password: PASSWORDS.ada } as const;
      await expectRefused(cluster().userOf(sasl, 'SSL'), {
        code: 'ILLEGAL_SASL_STATE',
        category: 'invalid-configuration',
      });
    });

    it('is demanded by a listener that has it', async () => {
      await using admin = new Admin(cluster().clientOf('SASL_SSL'));
      await expect(admin.connect()).rejects.toMatchObject({ code: 'NETWORK_EXCEPTION' });
      const soon = admin.topics.list({ timeoutMs: 1_000 });
      await expect(soon).rejects.toMatchObject({ code: 'NETWORK_EXCEPTION' });
    });
  });
}

async function* noExchange(): AsyncGenerator<Buffer, void, Buffer> {
  yield Buffer.of(0);
}
