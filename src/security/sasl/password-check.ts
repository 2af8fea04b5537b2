import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import {
  SCRAM_HASH,
  SCRAM_HASH_BYTES,
  type ScramCredential,
} from '../../metadata/scram-credential.ts';
import type { PlainUsers } from './plain-users.ts';
import type { ScramUsers } from './scram-users.ts';
import { VerifiedPasswords } from './verified-passwords.ts';
import { WaitingLine } from './waiting-line.ts';

const derive = promisify(pbkdf2);

/** Each takes some milliseconds: whoever came behind more would have given up. */
const WAITING_MAX = 200;
/** No mechanism has this name. */
const BUSY = 'busy';

/** Whether a password is right that a client shows as it is, by the credentials of SASL. */
export class PasswordCheck {
  readonly #plain: PlainUsers | null;
  readonly #scram: readonly ScramUsers[];
  readonly #verified: VerifiedPasswords;
  /** What is being derived: requests that come meanwhile with the same password wait for it. */
  readonly #deriving = new Map<string, Promise<string | null>>();
  /** Who guesses a thousand passwords a second takes one helper thread, and not all of them. */
  readonly #line = new WaitingLine();

  constructor(plain: PlainUsers | null, scram: readonly ScramUsers[], clock: Clock) {
    this.#plain = plain;
    this.#scram = scram;
    this.#verified = new VerifiedPasswords(clock);
  }

  /**
   * The mechanism whose credential the password is right for, or null. A user that does not exist
   * takes as long as a wrong password. `busy` where too many wait to be told.
   */
  async mechanismFor(user: string, password: string): Promise<string | null> {
    if (this.#plain?.matches(user, password) === true) return 'PLAIN';
    if (this.#scram.length === 0) return null;
    const digest = this.#verified.digestOf(password);
    const known = this.#verified.credentialOf(user, digest);
    if (known !== null && this.#isInForce(known)) return known.mechanism;
    const key = `${digest.toString('base64')} ${user}`;
    let deriving = this.#deriving.get(key);
    if (deriving === undefined) {
      if (this.#deriving.size >= WAITING_MAX) return BUSY;
      deriving = this.#deriveFor(key, user, password, digest);
      this.#deriving.set(key, deriving);
    }
    return deriving;
  }

  /** A credential that was changed is another object. */
  #isInForce(credential: ScramCredential): boolean {
    return this.#scram.some((users) => users.find(credential.user) === credential);
  }

  async #deriveFor(key: string, user: string, password: string, digest: Buffer) {
    await this.#line.enter();
    try {
      return await this.#derive(user, password, digest);
    } finally {
      this.#line.leave();
      this.#deriving.delete(key);
    }
  }

  async #derive(user: string, password: string, digest: Buffer): Promise<string | null> {
    let right: ScramCredential | null = null;
    for (const users of this.#scram) {
      const credential = users.find(user);
      const matches = await fits(credential ?? users.decoy(user), password);
      if (credential !== null && matches) right ??= credential;
    }
    if (right === null) return null;
    this.#verified.keep(digest, right);
    return right.mechanism;
  }
}

async function fits(credential: ScramCredential, password: string): Promise<boolean> {
  const { mechanism, iterations } = credential;
  const hash = SCRAM_HASH[mechanism];
  const salt = Buffer.from(credential.salt, 'base64');
  const plain = password.normalize('NFKC');
  const salted = await derive(plain, salt, iterations, SCRAM_HASH_BYTES[mechanism], hash);
  const clientKey = createHmac(hash, salted).update('Client Key').digest();
  const storedKey = createHash(hash).update(clientKey).digest();
  return timingSafeEqual(storedKey, Buffer.from(credential.storedKey, 'base64'));
}
