import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;

/**
 * Users and their passwords. Passwords are kept and compared as digests under a key of this
 * process, which are of equal length, so that the time of a comparison tells nothing.
 */
export class PlainUsers {
  readonly #key = randomBytes(KEY_BYTES);
  readonly #digests = new Map<string, Buffer>();
  /** Stands in for a user that does not exist. No password has it. */
  readonly #nobody = randomBytes(KEY_BYTES);

  constructor(passwords: ReadonlyMap<string, string>) {
    for (const [user, password] of passwords) this.#digests.set(user, this.#digest(password));
  }

  matches(user: string, password: string): boolean {
    return timingSafeEqual(this.#digest(password), this.#digests.get(user) ?? this.#nobody);
  }

  #digest(password: string): Buffer {
    return createHmac('sha256', this.#key).update(password).digest();
  }
}
