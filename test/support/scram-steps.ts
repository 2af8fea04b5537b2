import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const HASHES = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
} as const;

export type ScramName = keyof typeof HASHES;

/** Salting is slow on purpose, and brokers keep their salts. */
const salted = new Map<string, Buffer>();

/** The messages of one client of SCRAM, one by one. */
export class ScramSteps {
  readonly #mechanism: ScramName;
  readonly #password: string;
  readonly #bare: string;

  constructor(mechanism: ScramName, user: string, password: string) {
    this.#mechanism = mechanism;
    this.#password = password;
    this.#bare = `n=${user},r=${randomBytes(18).toString('base64')}`;
  }

  first(): Buffer {
    return Buffer.from(`n,,${this.#bare}`);
  }

  /** The proof for a challenge. One that is no challenge gets a message of the right form. */
  final(challenge: Buffer): Buffer {
    const text = challenge.toString();
    const [, nonce = 'none', salt = '', count = '4096'] =
      /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(text) ?? [];
    const { name } = HASHES[this.#mechanism];
    const hmac = (key: Buffer, of: string) => createHmac(name, key).update(of).digest();
    const clientKey = hmac(this.#salted(salt, Number(count)), 'Client Key');
    const storedKey = createHash(name).update(clientKey).digest();
    const bare = `c=biws,r=${nonce}`;
    const signature = hmac(storedKey, `${this.#bare},${text},${bare}`);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
    return Buffer.from(`${bare},p=${proof.toString('base64')}`);
  }

  #salted(salt: string, iterations: number): Buffer {
    const { name, bytes } = HASHES[this.#mechanism];
    const key = `${name} ${this.#password} ${salt} ${iterations}`;
    let known = salted.get(key);
    if (known === undefined) {
      known = pbkdf2Sync(this.#password, Buffer.from(salt, 'base64'), iterations, bytes, name);
      salted.set(key, known);
    }
    return known;
  }
}
