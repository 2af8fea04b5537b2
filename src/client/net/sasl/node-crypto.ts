/** What SCRAM needs, from node:crypto; `web-crypto` is for browsers. */
import {
  createHash,
  createHmac,
  randomBytes as nodeRandomBytes,
  pbkdf2,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { ScramHash } from './scram-hash.ts';

const derive = promisify(pbkdf2);

export function randomBytes(length: number): Buffer {
  return nodeRandomBytes(length);
}

/** PBKDF2: the password in the form in which brokers keep it. */
export function saltPassword(
  { name, bytes }: ScramHash,
  password: string | Uint8Array,
  salt: Uint8Array,
  iterations: number,
): Promise<Buffer> {
  return derive(password, salt, iterations, bytes, name);
}

export async function hmac({ name }: ScramHash, key: Uint8Array, text: string): Promise<Buffer> {
  return createHmac(name, key).update(text).digest();
}

export async function digest({ name }: ScramHash, bytes: Uint8Array): Promise<Buffer> {
  return createHash(name).update(bytes).digest();
}

/** Takes the same time wherever they differ. */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
