import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  SCRAM_HASH,
  type ScramCredential,
  type ScramMechanism,
} from '../../metadata/scram-credential.ts';
import type { TokenSecrets } from '../tokens/token-secrets.ts';
import { OTHER_IDENTITY } from './plain-server.ts';
import { failedStep, type SaslServer, type SaslStep } from './sasl-server.ts';
import { readScramFinal, readScramFirst, type ScramFirst } from './scram-messages.ts';
import type { ScramUsers } from './scram-users.ts';

const NONCE_BYTES = 24;

/** Whom the client is once it has proved its password. */
interface Identity {
  readonly user: string;
  readonly endsMs: number | null;
  readonly tokenId?: string;
}

interface Challenge {
  readonly first: ScramFirst;
  readonly nonce: string;
  readonly text: string;
  readonly credential: ScramCredential;
  /** Null for a user that does not exist. The exchange goes on, and fails at its end. */
  readonly identity: Identity | null;
}

/** RFC 5802 with Kafka's mechanisms. The password never travels. */
export class ScramServer implements SaslServer {
  readonly #mechanism: ScramMechanism;
  readonly #users: ScramUsers;
  readonly #tokens: TokenSecrets | null;
  #challenge: Challenge | null = null;

  constructor(mechanism: ScramMechanism, users: ScramUsers, tokens: TokenSecrets | null = null) {
    this.#mechanism = mechanism;
    this.#users = users;
    this.#tokens = tokens;
  }

  answer(token: Buffer): SaslStep {
    return this.#challenge === null ? this.#answerFirst(token) : this.#answerFinal(token);
  }

  #answerFirst(token: Buffer): SaslStep {
    const first = readScramFirst(token);
    if (first === null) return failedStep();
    if (first.actsFor !== '' && first.actsFor !== first.user) return failedStep(OTHER_IDENTITY);
    // A delegation token is named like a user, but its id is never a user's name.
    const isToken = first.extensions.get('tokenauth')?.toLowerCase() === 'true';
    const known = isToken ? this.#findToken(first.user) : this.#findUser(first.user);
    const { credential, identity } = known;
    const nonce = first.nonce + randomBytes(NONCE_BYTES).toString('base64url');
    const text = `r=${nonce},s=${credential.salt},i=${credential.iterations}`;
    this.#challenge = { first, nonce, text, credential, identity };
    return { kind: 'challenge', bytes: Buffer.from(text) };
  }

  #findUser(name: string) {
    const credential = this.#users.find(name);
    if (credential === null) return this.#nobody(name);
    return { credential, identity: { user: name, endsMs: null } };
  }

  #findToken(id: string) {
    const token = this.#tokens?.find(id) ?? null;
    if (token === null) return this.#nobody(id);
    const user = token.owner.slice(token.owner.indexOf(':') + 1);
    const credential = this.#tokens!.credentialOf(id, this.#mechanism);
    return { credential, identity: { user, endsMs: token.expiryMs, tokenId: id } };
  }

  #nobody(name: string) {
    return { credential: this.#users.decoy(name), identity: null };
  }

  #answerFinal(token: Buffer): SaslStep {
    const { first, nonce, text, credential, identity } = this.#challenge!;
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
    if (!isRight || identity === null) return failedStep();
    const serverKey = Buffer.from(credential.serverKey, 'base64');
    const proof = createHmac(hash, serverKey).update(signed).digest('base64');
    const bytes = Buffer.from(`v=${proof}`);
    const { endsMs, ...who } = identity;
    return { kind: 'done', bytes, ...who, credentialEndsMs: endsMs };
  }
}
