const ESCAPE = /\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)/gs;
const NAMED: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09 };

/** Bytes of a text with kcat's escapes: \n, \r, \t, \xHH, octal \NNN. */
export function unescapedBytes(text: string): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    parts.push(Buffer.from(text.slice(from, match.index)));
    parts.push(escapedByte(match[1]!));
    from = match.index + match[0].length;
  }
  parts.push(Buffer.from(text.slice(from)));
  return Buffer.concat(parts);
}

function escapedByte(code: string): Buffer {
  const named = NAMED[code];
  if (named !== undefined) return Buffer.of(named);
  if (/^x[0-9A-Fa-f]/.test(code)) return Buffer.of(Number.parseInt(code.slice(1), 16));
  if (/^[0-7]/.test(code)) return Buffer.of(Number.parseInt(code, 8) & 0xff);
  return Buffer.from(code);
}
