/** What SCRAM needs, from Web Crypto: the twin of `node-crypto` for browsers. */
import { KafkaError } from '../../errors/kafka-error.ts';
import type { ScramHash } from './scram-hash.ts';

const WEB_NAMES = { sha256: 'SHA-256', sha512: 'SHA-512' } as const;

export function randomBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
  return bytes;
}

/** PBKDF2: the password in the form in which brokers keep it. */
export async function saltPassword(
  { name, bytes }: ScramHash,
  password: string | Uint8Array,
  salt: Uint8Array,
  iterations: number,
): Promise<Buffer> {
  const secret = copyOf(typeof password === 'string' ? Buffer.from(password) : password);
  const key = await subtle().importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash: WEB_NAMES[name], salt: copyOf(salt), iterations };
  return Buffer.from(await subtle().deriveBits(algorithm, key, 8 * bytes));
}

export async function hmac({ name }: ScramHash, key: Uint8Array, text: string): Promise<Buffer> {
  const algorithm = { name: 'HMAC', hash: WEB_NAMES[name] };
  const imported = await subtle().importKey('raw', copyOf(key), algorithm, false, ['sign']);
  return Buffer.from(await subtle().sign('HMAC', imported, copyOf(Buffer.from(text))));
}

export async function digest({ name }: ScramHash, bytes: Uint8Array): Promise<Buffer> {
  return Buffer.from(await subtle().digest(WEB_NAMES[name], copyOf(bytes)));
}

/** Takes the same time wherever they differ. */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one[at]! ^ other[at]!;
  return difference === 0;
}

type Subtle = typeof crypto.subtle;

function subtle(): Subtle {
  const found: Subtle | undefined = globalThis.crypto?.subtle;
  if (found !== undefined) return found;
  const what = 'browsers offer Web Crypto, which SCRAM needs, only to pages of https or localhost';
  throw new KafkaError('SASL_AUTHENTICATION_FAILED', what);
}

/** In memory that is not shared, as Web Crypto wants it. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
