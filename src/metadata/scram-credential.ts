import { createHash, createHmac } from 'node:crypto';

/** Kafka's SCRAM mechanisms, with the numbers of the requests about them. */
export const SCRAM_MECHANISM = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const;

export type ScramMechanism = keyof typeof SCRAM_MECHANISM;

export const SCRAM_HASH: Readonly<Record<ScramMechanism, string>> = {
  'SCRAM-SHA-256': 'sha256',
  'SCRAM-SHA-512': 'sha512',
};

export const SCRAM_HASH_BYTES: Readonly<Record<ScramMechanism, number>> = {
  'SCRAM-SHA-256': 32,
  'SCRAM-SHA-512': 64,
};

/** What the broker keeps of a password (RFC 5802). The bytes are in base64. */
export interface ScramCredential {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly iterations: number;
  readonly salt: string;
  readonly storedKey: string;
  readonly serverKey: string;
}

export function scramKey(user: string, mechanism: ScramMechanism): string {
  return `${mechanism} ${user}`;
}

/** Null for a number that Kafka does not know. */
export function scramMechanismOf(code: number): ScramMechanism | null {
  for (const name of SCRAM_MECHANISMS) if (SCRAM_MECHANISM[name] === code) return name;
  return null;
}

export const SCRAM_MECHANISMS = Object.keys(SCRAM_MECHANISM) as readonly ScramMechanism[];

/** The keys of a salted password. It cannot be had back from them. */
export function scramKeysOf(mechanism: ScramMechanism, saltedPassword: Buffer) {
  const hash = SCRAM_HASH[mechanism];
  const clientKey = createHmac(hash, saltedPassword).update('Client Key').digest();
  return {
    storedKey: createHash(hash).update(clientKey).digest('base64'),
    serverKey: createHmac(hash, saltedPassword).update('Server Key').digest('base64'),
  };
}
