import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { type DelegationToken, isExpired } from '../../metadata/delegation-token.ts';
import {
  SCRAM_HASH,
  SCRAM_HASH_BYTES,
  type ScramCredential,
  type ScramMechanism,
  scramKeysOf,
} from '../../metadata/scram-credential.ts';

export interface TokenSource {
  readonly image: { readonly delegationTokens: ReadonlyMap<string, DelegationToken> };
}

/** The passwords of tokens are random, so more rounds would make them no safer. */
const ITERATIONS = 4096;
const SALT_BYTES = 24;

/**
 * The secrets of delegation tokens. They are not kept: each follows from the token's id and the
 * key of the broker. A client authenticates by SCRAM, with the id as user and the secret as
 * password.
 */
export class TokenSecrets {
  readonly #key: string;
  readonly #source: TokenSource;
  readonly #clock: Clock;
  readonly #credentials = new Map<string, ScramCredential>();
  #tokens: TokenSource['image']['delegationTokens'] | null = null;
  #idBySecret = new Map<string, string>();

  constructor(key: string, source: TokenSource, clock: Clock) {
    this.#key = key;
    this.#source = source;
    this.#clock = clock;
  }

  secretOf(id: string): Buffer {
    return createHmac('sha512', this.#key).update(id).digest();
  }

  /** Null where no token has the secret. */
  idOf(secret: Buffer): string | null {
    this.#look();
    return this.#idBySecret.get(secret.toString('base64')) ?? null;
  }

  /** The token that a client may authenticate with, or null. */
  find(id: string): DelegationToken | null {
    this.#look();
    const token = this.#tokens!.get(id);
    return token === undefined || isExpired(token, this.#clock.wallMs()) ? null : token;
  }

  credentialOf(id: string, mechanism: ScramMechanism): ScramCredential {
    const key = `${mechanism} ${id}`;
    let credential = this.#credentials.get(key);
    if (credential === undefined) {
      credential = this.#salted(id, mechanism);
      this.#credentials.set(key, credential);
    }
    return credential;
  }

  #salted(id: string, mechanism: ScramMechanism): ScramCredential {
    const password = this.secretOf(id).toString('base64');
    const salt = randomBytes(SALT_BYTES);
    const bytes = SCRAM_HASH_BYTES[mechanism];
    const salted = pbkdf2Sync(password, salt, ITERATIONS, bytes, SCRAM_HASH[mechanism]);
    const keys = scramKeysOf(mechanism, salted);
    return { user: id, mechanism, iterations: ITERATIONS, salt: salt.toString('base64'), ...keys };
  }

  /** Follows the tokens of the metadata. */
  #look(): void {
    const { delegationTokens } = this.#source.image;
    if (delegationTokens === this.#tokens) return;
    const known = new Map([...this.#idBySecret].map(([secret, id]) => [id, secret]));
    this.#idBySecret = new Map();
    for (const id of delegationTokens.keys()) {
      this.#idBySecret.set(known.get(id) ?? this.secretOf(id).toString('base64'), id);
    }
    for (const [key, { user }] of this.#credentials) {
      if (!delegationTokens.has(user)) this.#credentials.delete(key);
    }
    this.#tokens = delegationTokens;
  }
}
