import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { DerValue } from './der-value.ts';

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  certBag: '1.2.840.113549.1.12.10.1.3',
  /** Java's mark of a certificate that is trusted. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  tripleDes: '1.2.840.113549.1.12.1.3',
} as const;

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** What PBKDF2 makes keys with. */
const PSEUDO_RANDOM: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const CIPHERS: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
};
const OCTETS = 0x04;
const SEQUENCE = 0x30;
const TRIPLE_DES = { keyBytes: 24, ivBytes: 8 };
/** What a key of PKCS #12 is for. */
const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;
/** A file that asks for more would keep the broker busy for seconds. Java asks for 10,000. */
const ITERATIONS_MAX = 1_000_000;

/**
 * The certificates that a store of PKCS #12 (RFC 7292) trusts, as PEM. Node has OpenSSL open such a
 * store only where a private key is in it. Java trusts the certificates that bear a mark of its
 * own, and so does this. Throws where the store or its password is wrong.
 */
export function trustedCertificates(store: Buffer, password: string): string[] {
  const [, authSafe, mac] = DerValue.one(store).parts;
  if (authSafe === undefined) throw new Error('it is not PKCS #12');
  const [type, content] = authSafe.parts;
  if (type?.name !== OID.data) throw new Error('only stores that a password protects are read');
  const safes = content!.inner.content;
  if (mac === undefined) throw new Error('it has no checksum under its password');
  checkMac(mac, safes, password);
  const found = DerValue.one(safes).parts.flatMap((safe) => certificatesOf(safe, password));
  if (found.length > 0) return found;
  throw new Error(
    'no certificate in it is marked as trusted; keytool -importcert does that, ' +
      'and openssl pkcs12 -export with -jdktrust anyExtendedKeyUsage',
  );
}

function checkMac(mac: DerValue, bytes: Buffer, password: string): void {
  const [digestInfo, salt, iterations] = mac.parts;
  const [algorithm, digest] = digestInfo!.parts;
  const hash = HASHES[algorithm!.parts[0]!.name];
  if (hash === undefined) throw new Error(`its checksum is by ${algorithm!.parts[0]!.name}`);
  const length = digest!.content.length;
  const rounds = iterations === undefined ? 1 : roundsOf(iterations);
  const key = pkcs12Key(PURPOSE.mac, hash, password, salt!.content, rounds, length);
  const expected = createHmac(hash, key).update(bytes).digest();
  const isRight = expected.length === length && timingSafeEqual(expected, digest!.content);
  if (!isRight) throw new Error('its password is another, or it was changed');
}

function roundsOf(value: DerValue): number {
  const { number } = value;
  if (number < 1 || number > ITERATIONS_MAX) throw new Error(`it asks for ${number} iterations`);
  return number;
}

function certificatesOf(safe: DerValue, password: string): string[] {
  const [type, content] = safe.parts;
  if (type!.name === OID.data) return marked(content!.inner.content);
  if (type!.name !== OID.encryptedData) return [];
  const [, encrypted] = content!.inner.parts;
  const [, algorithm, bytes] = encrypted!.parts;
  // Where it is long it may come in pieces.
  const pieces = bytes!.tag & 0x20 ? bytes!.parts.map((each) => each.content) : [bytes!.content];
  return marked(decrypt(algorithm!, Buffer.concat(pieces), password));
}

function decrypt(algorithm: DerValue, bytes: Buffer, password: string): Buffer {
  const [name, parameters] = algorithm.parts;
  if (name!.name === OID.pbes2) return decryptPbes2(parameters!, bytes, password);
  if (name!.name !== OID.tripleDes) {
    throw new Error(
      `its certificates are encrypted by ${name!.name}, which OpenSSL has no more; keytool ` +
        '-importkeystore of a newer Java writes it anew',
    );
  }
  const [salt, iterations] = parameters!.parts;
  const of = (purpose: number, size: number): Buffer =>
    pkcs12Key(purpose, 'sha1', password, salt!.content, roundsOf(iterations!), size);
  const { keyBytes, ivBytes } = TRIPLE_DES;
  const key = of(PURPOSE.key, keyBytes);
  const decipher = createDecipheriv('des-ede3-cbc', key, of(PURPOSE.iv, ivBytes));
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

function decryptPbes2(parameters: DerValue, bytes: Buffer, password: string): Buffer {
  const [derivation, scheme] = parameters.parts;
  const [function_, how] = derivation!.parts;
  const [cipherName, iv] = scheme!.parts;
  const cipher = CIPHERS[cipherName!.name];
  if (function_!.name !== OID.pbkdf2 || cipher === undefined) {
    throw new Error(`its certificates are encrypted by ${cipherName!.name}`);
  }
  const [salt, iterations, ...more] = how!.parts;
  // A length may stand between; the function is a sequence, and SHA-1 where none is named.
  const named = more.find(({ tag }) => tag === SEQUENCE)?.parts[0]?.name;
  const hash = named === undefined ? 'sha1' : PSEUDO_RANDOM[named];
  if (hash === undefined) throw new Error(`its keys are made by ${named}`);
  const rounds = roundsOf(iterations!);
  const key = pbkdf2Sync(password, salt!.content, rounds, cipher.keyBytes, hash);
  const decipher = createDecipheriv(cipher.name, key, iv!.content);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

function marked(bags: Buffer): string[] {
  return DerValue.one(bags).parts.flatMap((bag) => {
    const [type, value, attributes] = bag.parts;
    if (type!.name !== OID.certBag) return [];
    const isTrusted = attributes?.parts.some(({ parts }) => parts[0]?.name === OID.trustedKeyUsage);
    if (isTrusted !== true) return [];
    const [, certificate] = value!.inner.parts;
    const { tag, content } = certificate!.inner;
    if (tag !== OCTETS) throw new Error('a certificate in it is none of X.509');
    return [pemOf(content)];
  });
}

function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** RFC 7292, appendix B.2. */
function pkcs12Key(
  purpose: number,
  hash: string,
  password: string,
  salt: Buffer,
  rounds: number,
  length: number,
): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const mixed = Buffer.concat([filling(salt, block), filling(wideText(password), block)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; ) {
    let digest = createHash(hash).update(Buffer.alloc(block, purpose)).update(mixed).digest();
    for (let round = 1; round < rounds; round++) digest = createHash(hash).update(digest).digest();
    parts.push(digest);
    made += digest.length;
    const addend = repeated(digest, block);
    for (let at = 0; at < mixed.length; at += block) add(mixed.subarray(at, at + block), addend);
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** UTF-16 with its most significant byte first, and a zero at the end. */
function wideText(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le').swap16();
}

/** The bytes again and again, to the end of a block. */
function filling(bytes: Buffer, block: number): Buffer {
  return repeated(bytes, Math.ceil(bytes.length / block) * block);
}

function repeated(bytes: Buffer, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** `target` becomes its sum with `addend` and 1, as numbers without their overflow. */
function add(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = target.length - 1; at >= 0; at--) {
    const sum = target[at]! + addend[at]! + carry;
    target[at] = sum & 0xff;
    carry = sum >> 8;
  }
}
