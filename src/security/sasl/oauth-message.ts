/** What a client of OAUTHBEARER says first (RFC 7628). */
export interface OauthMessage {
  /** The identity that it wants to act for; '' for the one of the token. */
  readonly actsFor: string;
  readonly token: string;
}

const KEY_END = '\x01';
const FIRST = /^n,(?:a=((?:[^\0=,]|=2C|=3D)+))?,\x01([^]*)\x01$/;
const PAIR = /^([A-Za-z]+)=([\x21-\x7e \t\r\n]*)$/;
const BEARER = /^bearer +([-_.~+/A-Za-z0-9]+=*)$/i;

/** Null where the message breaks the rules. Its extensions are checked for their form only. */
export function readOauthMessage(bytes: Buffer): OauthMessage | null {
  const first = FIRST.exec(bytes.toString('utf8'));
  if (first === null) return null;
  const [, name, pairs] = first;
  let token: string | null = null;
  for (const text of pairs!.split(KEY_END)) {
    if (text === '') continue;
    const pair = PAIR.exec(text);
    if (pair === null) return null;
    if (pair[1] !== 'auth') continue;
    token = BEARER.exec(pair[2]!)?.[1] ?? null;
    if (token === null) return null;
  }
  if (token === null) return null;
  const actsFor = (name ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=');
  return { actsFor, token };
}
