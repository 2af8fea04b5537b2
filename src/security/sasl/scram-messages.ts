/** The first message of a client, RFC 5802 without channel binding. */
export interface ScramFirst {
  /** `n,,`, or with an identity to act for `n,a=name,`. */
  readonly gs2Header: string;
  readonly actsFor: string;
  readonly user: string;
  readonly nonce: string;
  readonly extensions: ReadonlyMap<string, string>;
  /** The message without its header: it goes into the signatures. */
  readonly bare: string;
}

/** The last message of a client. */
export interface ScramFinal {
  readonly channelBinding: string;
  readonly nonce: string;
  readonly proof: Buffer;
  readonly withoutProof: string;
}

const NAME = '(?:[^=,\\0]|=2C|=3D)+';
const HEADER = new RegExp(`^n,(?:a=(${NAME}))?,`);
const USER = new RegExp(`^n=(${NAME})$`);
const NONCE = /^r=([\x21-\x2B\x2D-\x7E]+)$/;
const EXTENSION = /^([A-Za-z]+)=(.+)$/s;
const BASE64 = /^[a-zA-Z0-9/+]*={0,2}$/;

/** Null where the message is not of its form. */
export function readScramFirst(token: Buffer): ScramFirst | null {
  const text = token.toString('utf8');
  const header = HEADER.exec(text);
  if (header === null) return null;
  const bare = text.slice(header[0].length);
  const parts = bare.split(',');
  if (parts[0]!.startsWith('m=')) parts.shift();
  const user = USER.exec(parts[0] ?? '')?.[1];
  const nonce = NONCE.exec(parts[1] ?? '')?.[1];
  const extensions = readExtensions(parts.slice(2));
  if (user === undefined || nonce === undefined || extensions === null) return null;
  return {
    gs2Header: header[0],
    actsFor: plainName(header[1] ?? ''),
    user: plainName(user),
    nonce,
    extensions,
    bare,
  };
}

/** Null where the message is not of its form. */
export function readScramFinal(token: Buffer): ScramFinal | null {
  const text = token.toString('utf8');
  const proofAt = text.lastIndexOf(',p=');
  if (proofAt < 0) return null;
  const withoutProof = text.slice(0, proofAt);
  const [channel = '', nonceText = '', ...rest] = withoutProof.split(',');
  const nonce = NONCE.exec(nonceText)?.[1];
  const proof = text.slice(proofAt + 3);
  if (!channel.startsWith('c=') || nonce === undefined || !BASE64.test(proof)) return null;
  if (readExtensions(rest) === null) return null;
  return {
    channelBinding: channel.slice(2),
    nonce,
    proof: Buffer.from(proof, 'base64'),
    withoutProof,
  };
}

function readExtensions(parts: readonly string[]): Map<string, string> | null {
  const found = new Map<string, string>();
  for (const part of parts) {
    const match = EXTENSION.exec(part);
    if (match === null) return null;
    found.set(match[1]!, match[2]!);
  }
  return found;
}

function plainName(name: string): string {
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
