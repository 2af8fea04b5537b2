import { describe, expect, it } from 'vitest';
import { allRequired } from '../../../src/client/admin/outcome.ts';
import { Admin, type ScramChange } from '../../../src/client/index.ts';
import { PASSWORDS, type SecuredCluster } from '../../support/secured-cluster.ts';
import { administrator, nameFor } from './set-up.ts';

const MECHANISM = 'SCRAM-SHA-256';

export function scramCases(cluster: () => SecuredCluster): void {
  /** Whether the user may log in with the password; any other failure is thrown. */
  const letsIn = async (username: string, password: string) => {
    await using admin = new Admin(cluster().userOf({ mechanism: MECHANISM, username, password }));
    try {
      return (await admin.connect()).length > 0;
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' });
      return false;
    }
  };

  describe('passwords of SCRAM', () => {
    it('are set, described, changed and taken away', async () => {
      await using admin = administrator(cluster());
      const user = nameFor('eve');
      const first: ScramChange = {
        user,
        mechanism: MECHANISM,
        password: 'first',
        iterations: 5_000,
      };
      allRequired(await admin.scram.alter([first]));
      await expect.poll(() => letsIn(user, 'first')).toBe(true);
      const info = { mechanism: MECHANISM, iterations: 5_000 };
      expect((await admin.scram.describe([user])).get(user)).toEqual([info]);
      expect((await admin.scram.describe()).get(user)).toEqual([info]);
      const second = { ...first, password: Buffer.from('ﬁrst'), salt: Buffer.alloc(20, 7) };
      allRequired(await admin.scram.alter([second]));
      await expect.poll(() => letsIn(user, 'ﬁrst')).toBe(true);
      expect(await letsIn(user, 'first')).toBe(false);
      allRequired(await admin.scram.alter([{ ...first, password: null }]));
      await expect.poll(() => letsIn(user, 'ﬁrst')).toBe(false);
      const gone = { code: 'RESOURCE_NOT_FOUND', category: 'fatal' };
      expect((await admin.scram.describe([user])).get(user)).toMatchObject(gone);
    });

    it('are refused one by one', async () => {
      await using admin = administrator(cluster());
      const change = (password: string | null, iterations = 4_096) => ({
        user: nameFor('eve'),
        mechanism: MECHANISM,
        password,
        iterations,
      });
      const changes = [change('good'), change('few', 4_095), change('many', 16_385), change(null)];
      const twice = [change('one'), change('two')].map((each) => ({ ...each, user: 'twice' }));
      const outcomes = await admin.scram.alter([...changes, ...twice] as ScramChange[]);
      const codes = Array.from(outcomes.values(), (each) => each?.code ?? null);
      expect(codes).toEqual([
        null,
        'UNACCEPTABLE_CREDENTIAL',
        'UNACCEPTABLE_CREDENTIAL',
        'RESOURCE_NOT_FOUND',
        'DUPLICATE_RESOURCE',
      ]);
    });

    it('are none of a user without rights', async () => {
      const ada = { mechanism: MECHANISM, username: 'ada', password: PASSWORDS.ada } as const;
      await using admin = new Admin(cluster().userOf(ada));
      const denied = { code: 'CLUSTER_AUTHORIZATION_FAILED', category: 'invalid-configuration' };
      // Kafka 4.3 never answers such a user who asks for all: it fails to make its own answer.
      await expect(admin.scram.describe(['bob'])).rejects.toMatchObject(denied);
      const change: ScramChange = { user: 'bob', mechanism: MECHANISM, password: 'taken' };
      expect((await admin.scram.alter([change])).get('bob')).toMatchObject(denied);
      expect(await letsIn('bob', PASSWORDS.bob)).toBe(true);
    });
  });
}
