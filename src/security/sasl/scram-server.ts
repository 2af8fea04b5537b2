import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  SCRAM_HASH,
  type ScramCredential,
  type ScramMechanism,
} from '../../metadata/scram-credential.ts';
import { OTHER_IDENTITY } from './plain-server.ts';
import { failedStep, type SaslServer, type SaslStep } from './sasl-server.ts';
import { readScramFinal, readScramFirst, type ScramFirst } from './scram-messages.ts';
import type { ScramUsers } from './scram-users.ts';

const NONCE_BYTES = 24;

interface Challenge {
  readonly first: ScramFirst;
  readonly nonce: string;
  readonly text: string;
  readonly credential: ScramCredential;
  /** False for a user that does not exist. The exchange goes on, and fails at its end. */
  readonly isReal: boolean;
}

/** RFC 5802 with Kafka's mechanisms. The password never travels. */
export class ScramServer implements SaslServer {
  readonly #mechanism: ScramMechanism;
  readonly #users: ScramUsers;
  #challenge: Challenge | null = null;

  constructor(mechanism: ScramMechanism, users: ScramUsers) {
    this.#mechanism = mechanism;
    this.#users = users;
  }

  answer(token: Buffer): SaslStep {
    return this.#challenge === null ? this.#answerFirst(token) : this.#answerFinal(token);
  }

  #answerFirst(token: Buffer): SaslStep {
    const first = readScramFirst(token);
    if (first === null) return failedStep();
    if (first.actsFor !== '' && first.actsFor !== first.user) return failedStep(OTHER_IDENTITY);
    // A delegation token is named like a user. There are none, so its id is never a user's name.
    const isToken = first.extensions.get('tokenauth')?.toLowerCase() === 'true';
    const known = isToken ? null : this.#users.find(first.user);
    const credential = known ?? this.#users.decoy(first.user);
    const nonce = first.nonce + randomBytes(NONCE_BYTES).toString('base64url');
    const text = `r=${nonce},s=${credential.salt},i=${credential.iterations}`;
    this.#challenge = { first, nonce, text, credential, isReal: known !== null };
    return { kind: 'challenge', bytes: Buffer.from(text) };
  }

  #answerFinal(token: Buffer): SaslStep {
    const { first, nonce, text, credential, isReal } = this.#challenge!;
    const final = readScramFinal(token);
    if (final === null || final.nonce !== nonce) return failedStep();
    if (final.channelBinding !== Buffer.from(first.gs2Header).toString('base64')) {
      return failedStep();
    }
    const hash = SCRAM_HASH[this.#mechanism];
    const storedKey = Buffer.from(credential.storedKey, 'base64');
    const signed = `${first.bare},${text},${final.withoutProof}`;
    const signature = createHmac(hash, storedKey).update(signed).digest();
    if (final.proof.length !== signature.length) return failedStep();
    const clientKey = signature.map((byte, i) => byte ^ final.proof[i]!);
    const isRight = timingSafeEqual(createHash(hash).update(clientKey).digest(), storedKey);
    if (!isRight || !isReal) return failedStep();
    const serverKey = Buffer.from(credential.serverKey, 'base64');
    const proof = createHmac(hash, serverKey).update(signed).digest('base64');
    const bytes = Buffer.from(`v=${proof}`);
    return { kind: 'done', bytes, user: credential.user, credentialEndsMs: null };
  }
}
