import { reasonOf } from '../../base/errors.ts';

/** OpenSSL names its own works where a person wants to know what to mend. */
const MEANINGS: readonly (readonly [reason: RegExp, meaning: string])[] = [
  [/mac verify failure/, 'its password is another, or it was changed'],
  [
    /bad decrypt|interrupted or cancelled|bad password read|passphrase/i,
    'the password of its key is another, or not set',
  ],
  [/wrong tag|not enough data|header too long|asn1/i, 'it is not PKCS12'],
  [/no start line/, 'it has no certificate in PEM'],
  [/DECODER routines::unsupported/, 'its private key cannot be read'],
  [/key values mismatch/, 'its private key is not that of its certificate'],
];

/** Why a store of keys or certificates cannot be used. It tells nothing of what is in the store. */
export function storeFault(thrown: unknown): string {
  const reason = reasonOf(thrown);
  const found = MEANINGS.find(([pattern]) => pattern.test(reason));
  return found === undefined ? reason : `${found[1]} (${reason})`;
}
