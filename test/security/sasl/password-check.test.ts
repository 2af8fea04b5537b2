import { describe, expect, it } from 'vitest';
import { ManualClock } from '#millrace/base/clock';
import type { MetadataImage } from '#millrace/metadata/image';
import { type ScramCredential, scramKey } from '#millrace/metadata/scram-credential';
import { PasswordCheck } from '#millrace/security/sasl/password-check';
import { PlainUsers } from '#millrace/security/sasl/plain-users';
import { ScramUsers } from '#millrace/security/sasl/scram-users';
import { VerifiedPasswords } from '#millrace/security/sasl/verified-passwords';

const MECHANISM = 'SCRAM-SHA-256';

type Changeable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** A credential of this password, as the broker would keep it. */
function credentialOf(user: string, password: string): Changeable<ScramCredential> {
  const image = { scramCredentials: new Map() } as unknown as MetadataImage;
  const users = new ScramUsers(MECHANISM, { image }, new Map([[user, password]]));
  return { ...users.find(user)! };
}

function checkOf(...kept: ScramCredential[]) {
  const clock = new ManualClock(0);
  const credentials = new Map(kept.map((each) => [scramKey(each.user, MECHANISM), each]));
  const view = { image: { scramCredentials: credentials } as unknown as MetadataImage };
  const plain = new PlainUsers(new Map([['pat', 'plain']]));
  const check = new PasswordCheck(plain, [new ScramUsers(MECHANISM, view, new Map())], clock);
  return { check, credentials, clock };
}

describe('PasswordCheck', () => {
  it('says by which mechanism a password is right', async () => {
    const { check } = checkOf(credentialOf('carol', 'four'));
    expect(await check.mechanismFor('pat', 'plain')).toBe('PLAIN');
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    expect(await check.mechanismFor('carol', 'five')).toBeNull();
    expect(await check.mechanismFor('nobody', 'four')).toBeNull();
  });

  it('derives the keys of a password once a minute', async () => {
    const credential = credentialOf('carol', 'four');
    const { check, clock } = checkOf(credential);
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    // From here on nobody who derives would find the password right.
    credential.storedKey = credentialOf('carol', 'other').storedKey;
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    expect(await check.mechanismFor('carol', 'five')).toBeNull();
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    clock.advance(60_000);
    expect(await check.mechanismFor('carol', 'four')).toBeNull();
  });

  it('forgets at once a credential that was changed or deleted', async () => {
    const { check, credentials } = checkOf(credentialOf('carol', 'four'));
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    const key = scramKey('carol', MECHANISM);
    credentials.set(key, credentialOf('carol', 'five'));
    expect(await check.mechanismFor('carol', 'four')).toBeNull();
    expect(await check.mechanismFor('carol', 'five')).toBe(MECHANISM);
    credentials.delete(key);
    expect(await check.mechanismFor('carol', 'five')).toBeNull();
  });

  it('answers all who show a password while it is derived', async () => {
    const { check } = checkOf(credentialOf('carol', 'four'));
    const shown = ['four', 'five', 'four', 'five'];
    const answers = await Promise.all(shown.map((each) => check.mechanismFor('carol', each)));
    expect(answers).toEqual([MECHANISM, null, MECHANISM, null]);
  });
});

describe('PasswordCheck under a flood of guesses', () => {
  it('has a line of two hundred, and lets in at once whom it knows', async () => {
    const { check } = checkOf(credentialOf('carol', 'four'));
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    const guesses = Array.from({ length: 300 }, (_, i) => check.mechanismFor('carol', `${i}`));
    let areDone = false;
    const answers = Promise.all(guesses).then((all) => {
      areDone = true;
      return all;
    });
    expect(await check.mechanismFor('carol', 'four')).toBe(MECHANISM);
    expect(areDone).toBe(false);
    const counts = new Map<string | null, number>();
    for (const each of await answers) counts.set(each, (counts.get(each) ?? 0) + 1);
    expect([counts.get('busy'), counts.get(null)]).toEqual([100, 200]);
    expect(await check.mechanismFor('carol', 'five')).toBeNull();
  });
});

describe('VerifiedPasswords', () => {
  it('remembers the last ten thousand users at most', () => {
    const verified = new VerifiedPasswords(new ManualClock(0));
    const digest = verified.digestOf('p');
    const credential = credentialOf('u0', 'p');
    for (let i = 0; i <= 10_000; i++) verified.keep(digest, { ...credential, user: `u${i}` });
    expect(verified.credentialOf('u0', digest)).toBeNull();
    expect(verified.credentialOf('u1', digest)).not.toBeNull();
    expect(verified.credentialOf('u10000', digest)).not.toBeNull();
    expect(verified.credentialOf('u10000', verified.digestOf('q'))).toBeNull();
  });
});
