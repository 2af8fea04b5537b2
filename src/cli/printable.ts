/** Texts that others wrote must not steer the terminal that shows them. */

const utf8 = new TextDecoder('utf-8', { fatal: true });

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e);
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Control characters and those that reverse the direction of text, escaped. */
export function printable(text: string): string {
  let shown = '';
  for (const character of text) {
    shown += isControl(character.codePointAt(0)!) ? escaped(character) : character;
  }
  return shown;
}

/** The text in UTF-8, null where the bytes are none. */
export function textOfBytes(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch (thrown) {
    if (thrown instanceof TypeError) return null;
    throw thrown;
  }
}

/** Bytes of a key or value: text where they are text, else hexadecimal; null is 'null'. */
export function printableBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null';
  const text = textOfBytes(bytes);
  return text === null ? `0x${Buffer.from(bytes).toString('hex')}` : printable(text);
}

export type JsonBytes = string | null | { readonly base64: string };

/** The same for JSON: text, or an object with the bytes in Base64. */
export function jsonBytes(bytes: Uint8Array | null): JsonBytes {
  if (bytes === null) return null;
  const text = textOfBytes(bytes);
  return text ?? { base64: Buffer.from(bytes).toString('base64') };
}

/** A record's time in ISO form, null where it has none or one that no calendar knows. */
export function isoTime(timestampMs: number): string | null {
  if (timestampMs < 0) return null;
  const date = new Date(timestampMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
