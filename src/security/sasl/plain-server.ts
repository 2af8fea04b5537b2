import type { PlainUsers } from './plain-users.ts';
import { failedStep, type SaslServer, type SaslStep } from './sasl-server.ts';

const PARTS = 3;
const NO_BYTES = Buffer.alloc(0);

/** RFC 4616: an identity to act for, the user and the password, with NUL between them. */
export class PlainServer implements SaslServer {
  readonly #users: PlainUsers;

  constructor(users: PlainUsers) {
    this.#users = users;
  }

  answer(token: Buffer): SaslStep {
    const parts = token.toString('utf8').split('\0', PARTS + 1);
    if (parts.length !== PARTS) {
      const message = `Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}`;
      return failedStep(message);
    }
    const [actsFor, user, password] = parts as [string, string, string];
    if (user === '') return failedStep('Authentication failed: username not specified');
    if (password === '') return failedStep('Authentication failed: password not specified');
    if (!this.#users.matches(user, password)) {
      return failedStep('Authentication failed: Invalid username or password');
    }
    if (actsFor !== '' && actsFor !== user) return failedStep(OTHER_IDENTITY);
    return { kind: 'done', bytes: NO_BYTES, user, credentialEndsMs: null };
  }
}

export const OTHER_IDENTITY =
  'Authentication failed: Client requested an authorization id that is different from username';
