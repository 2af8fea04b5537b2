import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { DER } from './der.ts';

/** A certificate with its private key, as PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Names and addresses that a server is reached at. */
  readonly hosts?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

interface Subject extends Required<CertificateRequest> {
  readonly publicKey: KeyObject;
  readonly isAuthority: boolean;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
} as const;
const VERSION_3 = DER.explicit(0, DER.integer(Buffer.from([2])));
const SIGNATURE = DER.sequence(DER.objectId(OID.ecdsaWithSha256));
/** Bits of keyUsage: an authority signs certificates and lists, others sign handshakes. */
const AUTHORITY_USAGE = DER.bits(Buffer.from([0x06]), 1);
const HANDSHAKE_USAGE = DER.bits(Buffer.from([0x80]), 7);
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const AUTHORITY = 'millrace throw-away CA';
const HOUR_MS = 3_600_000;
const VALID_MS = 30 * 24 * HOUR_MS;

/**
 * Issues certificates for tests and trials. Its own key is in no file and goes with the process, so
 * nobody can use it later.
 */
export class ThrowAwayAuthority {
  /** What clients have to trust, as PEM. */
  readonly certificate: string;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor() {
    const publicKey = this.#keys.publicKey;
    const request = withDefaults({ commonName: AUTHORITY });
    this.certificate = this.#issue({ ...request, publicKey, isAuthority: true });
  }

  issue(request: CertificateRequest): IssuedCertificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const subject = { ...withDefaults(request), publicKey, isAuthority: false };
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificate: this.#issue(subject), key };
  }

  #issue(subject: Subject): string {
    const body = DER.sequence(
      VERSION_3,
      DER.integer(randomBytes(16)),
      SIGNATURE,
      nameOf(AUTHORITY),
      DER.sequence(DER.time(subject.validFrom), DER.time(subject.validTo)),
      nameOf(subject.commonName),
      subject.publicKey.export({ type: 'spki', format: 'der' }),
      DER.explicit(3, DER.sequence(...extensionsOf(subject, this.#keys.publicKey))),
    );
    const signature = sign('sha256', body, this.#keys.privateKey);
    return pemOf(DER.sequence(body, SIGNATURE, DER.bits(signature)));
  }
}

function withDefaults({
  hosts = [],
  ...request
}: CertificateRequest): Required<CertificateRequest> {
  const now = Date.now();
  const { validFrom = new Date(now - HOUR_MS), validTo = new Date(now + VALID_MS) } = request;
  return { commonName: request.commonName, hosts, validFrom, validTo };
}

function nameOf(commonName: string): Buffer {
  const part = DER.sequence(DER.objectId(OID.commonName), DER.text(commonName));
  return DER.sequence(DER.set(part));
}

function extensionsOf({ isAuthority, hosts, publicKey }: Subject, authority: KeyObject): Buffer[] {
  const constraints = isAuthority ? DER.sequence(DER.boolean(true)) : DER.sequence();
  const extensions = [
    extension(OID.basicConstraints, constraints, true),
    extension(OID.keyUsage, isAuthority ? AUTHORITY_USAGE : HANDSHAKE_USAGE, true),
    extension(OID.subjectKeyId, DER.octets(keyIdOf(publicKey))),
    extension(OID.authorityKeyId, DER.sequence(DER.implicit(0, keyIdOf(authority)))),
  ];
  if (hosts.length === 0) return extensions;
  return [...extensions, extension(OID.subjectAltName, DER.sequence(...hosts.map(hostName)))];
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [DER.boolean(true)] : [];
  return DER.sequence(DER.objectId(id), ...critical, DER.octets(value));
}

function hostName(host: string): Buffer {
  if (isIP(host) === 0) return DER.implicit(DNS_NAME, Buffer.from(host));
  return DER.implicit(IP_ADDRESS, isIPv6(host) ? ipv6Bytes(host) : ipv4Bytes(host));
}

function ipv4Bytes(host: string): Buffer {
  return Buffer.from(host.split('.').map(Number));
}

function ipv6Bytes(host: string): Buffer {
  const [head, tail] = host.split('::') as [string, string | undefined];
  const groups = (text: string | undefined) =>
    (text ?? '').split(':').filter((each) => each !== '');
  const [before, after] = [groups(head), groups(tail)];
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const words = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Buffer.from(words.flatMap((word) => [word >>> 8, word & 0xff]));
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
