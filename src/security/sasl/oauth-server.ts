import { readOauthMessage } from './oauth-message.ts';
import { failedStep, type SaslServer, type SaslStep } from './sasl-server.ts';
import type { TokenCheck } from './token-check.ts';

const NO_BYTES = Buffer.alloc(0);
const INVALID = '{"status":"invalid_token"}';
const CONTROL_A = 1;

/** OAUTHBEARER: the client shows a token that an identity provider has signed. */
export class OauthServer implements SaslServer {
  readonly #check: TokenCheck;
  /** The client was told that its token is not valid, and has to confirm it. */
  #isRefused = false;

  constructor(check: TokenCheck) {
    this.#check = check;
  }

  answer(bytes: Buffer): SaslStep | Promise<SaslStep> {
    if (this.#isRefused && bytes.length === 1 && bytes[0] === CONTROL_A) return failedStep(INVALID);
    const message = readOauthMessage(bytes);
    return message === null ? failedStep() : this.#answerToken(message.token, message.actsFor);
  }

  async #answerToken(token: string, actsFor: string): Promise<SaslStep> {
    const valid = await this.#check.check(token);
    if (valid === null) {
      this.#isRefused = true;
      return { kind: 'challenge', bytes: Buffer.from(INVALID) };
    }
    const { user, endsMs } = valid;
    if (actsFor !== '' && actsFor !== user) {
      return failedStep(
        'Authentication failed: Client requested an authorization id that is different from ' +
          "the token's principal name",
      );
    }
    return { kind: 'done', bytes: NO_BYTES, user, credentialEndsMs: endsMs };
  }
}
