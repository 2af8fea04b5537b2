/** The hash of a SCRAM mechanism. */
export interface ScramHash {
  readonly name: 'sha256' | 'sha512';
  readonly bytes: number;
}

export const SCRAM_HASHES = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
} as const satisfies Readonly<Record<string, ScramHash>>;
