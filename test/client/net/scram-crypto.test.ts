import { describe, expect, it } from 'vitest';
import * as node from '../../../src/client/net/sasl/node-crypto.ts';
import { SCRAM_HASHES } from '../../../src/client/net/sasl/scram-hash.ts';
import * as web from '../../../src/client/net/sasl/web-crypto.ts';

const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');

describe.each(Object.values(SCRAM_HASHES))('Web Crypto for SCRAM with $name', (hash) => {
  it('computes what node:crypto does', async () => {
    for (const password of ['pencil', 'pässwörd', Buffer.from([1, 2, 255])]) {
      const own = await web.saltPassword(hash, password, SALT, 4096);
      expect(own).toEqual(await node.saltPassword(hash, password, SALT, 4096));
      expect(own).toHaveLength(hash.bytes);
      expect(await web.hmac(hash, own, 'Client Key')).toEqual(
        await node.hmac(hash, own, 'Client Key'),
      );
      expect(await web.digest(hash, own)).toEqual(await node.digest(hash, own));
    }
  });

  it('tells equal bytes from others, and makes random ones', () => {
    for (const { isEqual, randomBytes } of [web, node]) {
      const one = randomBytes(18);
      expect(one).toHaveLength(18);
      expect(one).not.toEqual(randomBytes(18));
      expect(isEqual(one, Buffer.from(one))).toBe(true);
      expect(isEqual(one, one.subarray(1))).toBe(false);
      expect(
        isEqual(
          one,
          one.map((byte, at) => (at === 17 ? byte ^ 1 : byte)),
        ),
      ).toBe(false);
    }
  });
});
