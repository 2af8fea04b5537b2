/** What a client of OAUTHBEARER says first (RFC 7628). */
export interface OauthMessage {
  /** The identity that it wants to act for; '' for the one of the token. */
  readonly actsFor: string;
  readonly token: string;
}

const SEPARATOR = '\x01';
const HEADER = /^n,(?:a=((?:[^=,]|=2C|=3D)+))?,$/;
const PAIR = /^([A-Za-z]+)=([ -~\t\r\n]*)$/;
const BEARER = /^bearer +([-_.~+/A-Za-z0-9]+=*)$/i;

/** Null where the message breaks the rules. Its extensions are checked for their form only. */
export function readOauthMessage(bytes: Buffer): OauthMessage | null {
  const [header, ...pairs] = bytes.toString('utf8').split(SEPARATOR);
  const name = HEADER.exec(header!);
  // A separator ends each pair, and one more ends them all.
  const isEnded = pairs.pop() === '' && pairs.pop() === '';
  if (name === null || !isEnded) return null;
  let token: string | null = null;
  for (const text of pairs) {
    const pair = PAIR.exec(text);
    if (pair === null) return null;
    if (pair[1] !== 'auth') continue;
    token = BEARER.exec(pair[2]!)?.[1] ?? null;
    if (token === null) return null;
  }
  if (token === null) return null;
  const actsFor = (name[1] ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=');
  return { actsFor, token };
}
