import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { MetadataImage } from '../../metadata/image.ts';
import {
  SCRAM_HASH,
  SCRAM_HASH_BYTES,
  type ScramCredential,
  type ScramMechanism,
  scramKey,
  scramKeysOf,
} from '../../metadata/scram-credential.ts';

/** Those of most credentials: Kafka's tools and this project's client take them by default. */
const ITERATIONS = 4096;
const SALT_BYTES = 24;
const SECRET_BYTES = 32;

/** The credentials of one mechanism: those of the metadata, then those of the configuration. */
export class ScramUsers {
  readonly #mechanism: ScramMechanism;
  readonly #view: { readonly image: MetadataImage };
  readonly #configured = new Map<string, ScramCredential>();
  readonly #secret = randomBytes(SECRET_BYTES);

  /** `passwords` are salted here, which takes some milliseconds each. */
  constructor(
    mechanism: ScramMechanism,
    view: { readonly image: MetadataImage },
    passwords: ReadonlyMap<string, string>,
  ) {
    this.#mechanism = mechanism;
    this.#view = view;
    for (const [user, password] of passwords) {
      this.#configured.set(user, this.#salted(user, password));
    }
  }

  find(user: string): ScramCredential | null {
    const credentials = this.#view.image.scramCredentials;
    const kept = credentials.get(scramKey(user, this.#mechanism));
    return kept ?? this.#configured.get(user) ?? null;
  }

  /**
   * What a user that does not exist is asked with. The salt is the same each time, or a second
   * attempt would tell such a user from a real one.
   */
  decoy(user: string): ScramCredential {
    return {
      user,
      mechanism: this.#mechanism,
      iterations: ITERATIONS,
      salt: this.#derive('salt', user).subarray(0, SALT_BYTES).toString('base64'),
      storedKey: this.#derive('stored key', user).toString('base64'),
      serverKey: this.#derive('server key', user).toString('base64'),
    };
  }

  #derive(use: string, user: string): Buffer {
    return createHmac(SCRAM_HASH[this.#mechanism], this.#secret).update(`${use} ${user}`).digest();
  }

  #salted(user: string, password: string): ScramCredential {
    const mechanism = this.#mechanism;
    const salt = randomBytes(SALT_BYTES);
    const bytes = SCRAM_HASH_BYTES[mechanism];
    const hash = SCRAM_HASH[mechanism];
    const salted = pbkdf2Sync(password, salt, ITERATIONS, bytes, hash);
    const keys = scramKeysOf(mechanism, salted);
    return { user, mechanism, iterations: ITERATIONS, salt: salt.toString('base64'), ...keys };
  }
}
