import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ImageDraft } from '../../../src/metadata/image-draft.ts';
import {
  SCRAM_MECHANISMS,
  type ScramMechanism,
  scramKeysOf,
} from '../../../src/metadata/scram-credential.ts';
import { ScramServer } from '../../../src/security/sasl/scram-server.ts';
import { ScramUsers } from '../../../src/security/sasl/scram-users.ts';

const HASH = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' } as const;
const BYTES = { 'SCRAM-SHA-256': 32, 'SCRAM-SHA-512': 64 } as const;
const SALT = Buffer.from('a salt of the tests');
const ITERATIONS = 8192;

function salted(mechanism: ScramMechanism, password: string, salt = SALT, rounds = ITERATIONS) {
  return pbkdf2Sync(password, salt, rounds, BYTES[mechanism], HASH[mechanism]);
}

/** Keeps `a,b=c` with the password `secret` in the metadata, and `dave` in the configuration. */
function usersOf(mechanism: ScramMechanism): ScramUsers {
  const image = ImageDraft.empty();
  const keys = scramKeysOf(mechanism, salted(mechanism, 'secret'));
  const salt = SALT.toString('base64');
  const credential = { user: 'a,b=c', mechanism, iterations: ITERATIONS, salt, ...keys };
  image.apply({ type: 'scram', credential });
  return new ScramUsers(mechanism, { image }, new Map([['dave', 'hidden']]));
}

interface Exchange {
  readonly user: string;
  readonly password: string;
  readonly header?: string;
  readonly binding?: string;
  readonly more?: string;
}

/** The client's side, by RFC 5802. Returns the server's last answer and whether it is proved. */
function exchange(mechanism: ScramMechanism, users: ScramUsers, asked: Exchange) {
  const { header = 'n,,', binding = header, more = '' } = asked;
  const server = new ScramServer(mechanism, users);
  const bare = `n=${asked.user},r=client${more}`;
  const first = server.answer(Buffer.from(header + bare));
  if (first.kind !== 'challenge') return { first, last: first, isProved: false };
  const challenge = first.bytes.toString();
  const [, nonce, salt, rounds] = /^r=(client.+),s=(.+),i=(\d+)$/.exec(challenge)!;
  const hash = HASH[mechanism];
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const key = salted(mechanism, asked.password, Buffer.from(salt!, 'base64'), Number(rounds));
  const clientKey = hmac(key, 'Client Key');
  const withoutProof = `c=${Buffer.from(binding).toString('base64')},r=${nonce}`;
  const signed = `${bare},${challenge},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), signed);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
  const last = server.answer(Buffer.from(`${withoutProof},p=${proof.toString('base64')}`));
  const expected = `v=${hmac(hmac(key, 'Server Key'), signed).toString('base64')}`;
  return { first, last, isProved: last.kind === 'done' && last.bytes.toString() === expected };
}

describe.each(SCRAM_MECHANISMS)('%s', (mechanism) => {
  const users = usersOf(mechanism);
  const right = { user: 'a=2Cb=3Dc', password: 'secret' };

  it('lets in who knows the password, and proves itself', () => {
    const { last, isProved } = exchange(mechanism, users, right);
    expect(last).toMatchObject({ kind: 'done', user: 'a,b=c', credentialEndsMs: null });
    expect(isProved).toBe(true);
    expect(exchange(mechanism, users, { user: 'dave', password: 'hidden' }).isProved).toBe(true);
    const named = { ...right, header: 'n,a=a=2Cb=3Dc,' };
    expect(exchange(mechanism, users, named).isProved).toBe(true);
    expect(exchange(mechanism, users, { ...right, more: ',other=1' }).isProved).toBe(true);
  });

  it('tells a wrong password from a wrong user in no answer', () => {
    const wrong = exchange(mechanism, users, { ...right, password: 'Secret' });
    const unknown = exchange(mechanism, users, { user: 'nobody', password: 'secret' });
    expect(unknown.first.kind).toBe('challenge');
    expect(unknown.last).toEqual(wrong.last);
    expect(wrong.last).toEqual({ kind: 'failed', message: null });
  });

  it('asks an unknown user with the same salt each time', () => {
    const saltOf = (user: string) => {
      const { first } = exchange(mechanism, users, { user, password: 'x' });
      return /s=(.+),i/.exec(first.kind === 'challenge' ? first.bytes.toString() : '')?.[1];
    };
    expect(saltOf('nobody')).toBe(saltOf('nobody'));
    expect(saltOf('nobody')).not.toBe(saltOf('somebody'));
  });

  it('takes no user for a delegation token, and no other header in the signature', () => {
    const token = exchange(mechanism, users, { ...right, more: ',tokenauth=true' });
    expect(token.last).toEqual({ kind: 'failed', message: null });
    const rebound = exchange(mechanism, users, { ...right, binding: 'y,,' });
    expect(rebound.last.kind).toBe('failed');
    const other = exchange(mechanism, users, { ...right, header: 'n,a=dave,' });
    expect(other.last).toMatchObject({ message: expect.stringContaining('authorization id') });
  });

  it.each([
    '',
    'n,,',
    'y,,n=a,r=b',
    'p=x,,n=a,r=b',
    'n,,r=b,n=a',
    'n,,n=a',
    'n,,n=a=,r=b',
    'n,,n=,r=b',
    'n,,n=a,r=',
    'n,,n=a,r=b,x',
  ])('refuses the first message %j', (text) => {
    const step = new ScramServer(mechanism, users).answer(Buffer.from(text));
    expect(step).toEqual({ kind: 'failed', message: null });
  });

  it.each(['', 'c=biws', 'c=biws,r=client', 'c=biws,r=client,p=', 'c=biws,p=AAAA', 'p=AAAA'])(
    'refuses the final message %j',
    (text) => {
      const server = new ScramServer(mechanism, users);
      const first = server.answer(Buffer.from('n,,n=dave,r=client'));
      const nonce = /^r=(.+),s=/.exec(
        first.kind === 'challenge' ? first.bytes.toString() : '',
      )![1]!;
      const step = server.answer(Buffer.from(text.replace('r=client', `r=${nonce}`)));
      expect(step).toEqual({ kind: 'failed', message: null });
    },
  );
});
