import { describe, expect, it } from 'vitest';
import { required } from '../../../src/client/admin/outcome.ts';
import { Admin, type DelegationToken } from '../../../src/client/index.ts';
import { PASSWORDS, type SecuredCluster } from '../../support/secured-cluster.ts';
import { expectRefused } from './refusals.ts';
import { administrator, roundTrip } from './set-up.ts';

const HOUR_MS = 3_600_000;
const REFUSED = { code: 'SASL_AUTHENTICATION_FAILED', category: 'invalid-configuration' };
const ADA = { type: 'User', name: 'ada' };
const NOBODY = { type: 'User', name: 'nobody' };
const BOB = { type: 'User', name: 'bob' };

export function delegationCases(cluster: () => SecuredCluster): void {
  const adminOf = (username: keyof typeof PASSWORDS) => {
    const password = PASSWORDS[username];
    return new Admin(cluster().userOf({ mechanism: 'SCRAM-SHA-256', username, password }));
  };
  const bearerOf = (token: DelegationToken, mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512') => {
    const password = Buffer.from(token.hmac).toString('base64');
    const sasl = { mechanism, username: token.tokenId, password, isDelegationToken: true };
    return cluster().userOf(sasl);
  };

  describe('delegation tokens', () => {
    it('let in as their owner whoever bears them, until they are expired', async () => {
      await using admin = adminOf('ada');
      const token = await admin.tokens.create({ renewers: [BOB], maxLifetimeMs: 2 * HOUR_MS });
      expect(token).toMatchObject({ owner: ADA, requester: ADA, renewers: [BOB] });
      expect(token.latestMs - token.issuedMs).toBe(2 * HOUR_MS);
      // The brokers hear of a token by the metadata, a moment later.
      await expect.poll(() => admin.tokens.describe()).toEqual([token]);
      expect(await admin.tokens.describe([BOB])).toEqual([token]);
      expect(await admin.tokens.describe([NOBODY])).toEqual([]);
      for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
        await roundTrip(cluster(), 'ada', bearerOf(token, mechanism));
      }
      const forged = { ...token, hmac: Buffer.from('forged') };
      await expectRefused(bearerOf(forged, 'SCRAM-SHA-512'), REFUSED);

      await using renewer = adminOf('bob');
      const laterMs = await renewer.tokens.renew(token.hmac, HOUR_MS);
      expect(laterMs).toBeGreaterThan(Date.now() + 0.9 * HOUR_MS);
      expect(laterMs).toBeLessThanOrEqual(token.latestMs);
      await expect.poll(async () => (await admin.tokens.describe())[0]?.expiresMs).toBe(laterMs);

      const endsMs = await admin.tokens.expire(token.hmac);
      expect(endsMs).toBeLessThanOrEqual(Date.now() + 1_000);
      await expect.poll(() => admin.tokens.describe()).toEqual([]);
      await expectRefused(bearerOf(token, 'SCRAM-SHA-256'), REFUSED);
    });

    it('are refused by their own errors', async () => {
      await using ada = adminOf('ada');
      await using bob = adminOf('bob');
      const token = await ada.tokens.create();
      await expect.poll(() => ada.tokens.describe([ADA])).toContainEqual(token);
      await expect(bob.tokens.renew(token.hmac)).rejects.toMatchObject({
        code: 'DELEGATION_TOKEN_OWNER_MISMATCH',
        category: 'fatal',
      });
      await expect(ada.tokens.renew(Buffer.from('nothing'))).rejects.toMatchObject({
        code: 'DELEGATION_TOKEN_NOT_FOUND',
        category: 'fatal',
      });
      await expect(ada.tokens.expire(Buffer.from('nothing'))).rejects.toMatchObject({
        code: 'DELEGATION_TOKEN_NOT_FOUND',
      });
      await using anonymous = administrator(cluster());
      await using bearer = new Admin(bearerOf(token, 'SCRAM-SHA-256'));
      for (const admin of [anonymous, bearer]) {
        await expect(admin.tokens.create()).rejects.toMatchObject({
          code: 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED',
        });
      }
      await expect(bob.tokens.create({ owner: ADA })).rejects.toMatchObject({
        code: 'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
        category: 'invalid-configuration',
      });
      await ada.tokens.expire(token.hmac);
    });

    it('may be made for another by whom an ACL allows to', async () => {
      await using admin = administrator(cluster());
      const rule = {
        resourceType: 'user',
        resourceName: 'User:ada',
        patternType: 'literal',
        principal: 'User:bob',
        host: '*',
        operation: 'create-tokens',
        permission: 'allow',
      } as const;
      required((await admin.acls.create([rule])).get(rule));
      await using bob = adminOf('bob');
      const makesOne = () => bob.tokens.create({ owner: ADA, renewers: [BOB] }).catch(() => null);
      let token: DelegationToken | null = null;
      await expect
        .poll(async () => {
          token ??= await makesOne();
          return token;
        })
        .toMatchObject({ owner: ADA, requester: BOB });
      await roundTrip(cluster(), 'ada', bearerOf(token!, 'SCRAM-SHA-512'));
      await bob.tokens.expire(token!.hmac);
    });
  });
}
