import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import {
  SCRAM_HASH,
  SCRAM_HASH_BYTES,
  type ScramCredential,
} from '../../metadata/scram-credential.ts';
import type { PlainUsers } from './plain-users.ts';
import type { ScramUsers } from './scram-users.ts';

const derive = promisify(pbkdf2);

/** Whether a password is right that a client shows as it is, by the credentials of SASL. */
export class PasswordCheck {
  readonly #plain: PlainUsers | null;
  readonly #scram: readonly ScramUsers[];

  constructor(plain: PlainUsers | null, scram: readonly ScramUsers[]) {
    this.#plain = plain;
    this.#scram = scram;
  }

  /** A user that does not exist takes as long as a wrong password. */
  async isRight(user: string, password: string): Promise<boolean> {
    if (this.#plain?.matches(user, password) === true) return true;
    let isRight = false;
    for (const users of this.#scram) {
      const credential = users.find(user);
      const matches = await fits(credential ?? users.decoy(user), password);
      if (credential !== null && matches) isRight = true;
    }
    return isRight;
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
