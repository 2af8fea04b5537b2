import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { ScramCredential } from '../../metadata/scram-credential.ts';

const KEPT_MS = 60_000;
const USERS_MAX = 10_000;
const KEY_BYTES = 32;

interface Verified {
  readonly digest: Buffer;
  readonly credential: ScramCredential;
  readonly endsMs: number;
}

/**
 * The passwords that were right during the last minute: to derive the keys of one takes
 * milliseconds, and clients of HTTP show theirs with every request. What is kept is a digest under
 * a key of this process.
 */
export class VerifiedPasswords {
  readonly #clock: Clock;
  readonly #key = randomBytes(KEY_BYTES);
  /** Stands in for a user that is not known. No password has it. */
  readonly #nobody = randomBytes(KEY_BYTES);
  /** Those that were kept first come first. */
  readonly #byUser = new Map<string, Verified>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  digestOf(password: string): Buffer {
    return createHmac('sha256', this.#key).update(password).digest();
  }

  /** The credential that the password was right for, or null. It may have been changed since. */
  credentialOf(user: string, digest: Buffer): ScramCredential | null {
    const known = this.#byUser.get(user);
    const isSame = timingSafeEqual(digest, known?.digest ?? this.#nobody);
    if (!isSame || known === undefined) return null;
    return known.endsMs > this.#clock.monotonicMs() ? known.credential : null;
  }

  keep(digest: Buffer, credential: ScramCredential): void {
    const { user } = credential;
    const nowMs = this.#clock.monotonicMs();
    this.#byUser.delete(user);
    for (const [oldest, { endsMs }] of this.#byUser) {
      if (endsMs > nowMs && this.#byUser.size < USERS_MAX) break;
      this.#byUser.delete(oldest);
    }
    this.#byUser.set(user, { digest, credential, endsMs: nowMs + KEPT_MS });
  }
}
