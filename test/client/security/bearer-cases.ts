import { describe, expect, it } from 'vitest';
import { Admin } from '../../../src/client/index.ts';
import type { SecuredCluster } from '../../support/secured-cluster.ts';
import { unsecuredToken } from '../../support/unsecured-token.ts';
import { tokenReauthenticationCases } from './reauthentication-cases.ts';
import { expectRefused } from './refusals.ts';
import { roundTrip } from './set-up.ts';

const REFUSED = { code: 'SASL_AUTHENTICATION_FAILED', category: 'invalid-configuration' };

export function bearerCases(cluster: () => SecuredCluster): void {
  const userOf = (token: () => { value: string } | Promise<{ value: string }>) => {
    return cluster().userOf({ mechanism: 'OAUTHBEARER', token });
  };

  describe('OAUTHBEARER', () => {
    it('lets in who has a token', async () => {
      await roundTrip(
        cluster(),
        'ada',
        userOf(async () => ({ value: unsecuredToken('ada', 60) })),
      );
    });

    it('refuses a token that has expired, and what is no token', async () => {
      const expired = userOf(() => ({ value: unsecuredToken('ada', -60) }));
      await expectRefused(expired, REFUSED);
      await expectRefused(
        userOf(() => ({ value: 'no token' })),
        REFUSED,
      );
    });

    it('tells why there is no token, and can be asked again', async () => {
      let isDown = true;
      await using admin = new Admin(
        userOf(async () => {
          if (isDown) throw new Error('the identity provider is down');
          return { value: unsecuredToken('ada', 60) };
        }),
      );
      await expect(admin.topics.list()).rejects.toMatchObject({
        code: 'SASL_AUTHENTICATION_FAILED',
        category: 'retriable',
        message: expect.stringContaining('the identity provider is down'),
      });
      isDown = false;
      expect(await admin.connect()).toHaveLength(1);
    });
  });

  tokenReauthenticationCases(cluster, unsecuredToken);
}
