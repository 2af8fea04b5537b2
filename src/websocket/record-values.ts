import type { ReadFormat, RecordHeader } from './messages.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Below this length a loop over ASCII is faster than a call of the decoder. */
const SHORT_BYTES = 24;

/** Throws if the bytes are not valid UTF-8. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > SHORT_BYTES) return strict.decode(bytes);
  let text = '';
  for (const byte of bytes) {
    if (byte > 0x7f) return strict.decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Sets the field as `millrace.json` writes it: `name`, or `name64` if the bytes are not valid in
 * the format.
 */
export function putValue(
  target: Record<string, unknown>,
  name: 'key' | 'value',
  bytes: Uint8Array | null,
  format: ReadFormat,
): void {
  if (format === 'none') return;
  if (bytes === null) {
    if (name === 'value') target[name] = null;
  } else if (format === 'bytes') {
    target[name] = bytes;
  } else if (format === 'base64') {
    target[name] = base64Of(bytes);
  } else {
    const found = readable(bytes, format);
    if (found === undefined) target[`${name}64`] = base64Of(bytes);
    else target[name] = found;
  }
}

function readable(bytes: Uint8Array, format: 'text' | 'json'): unknown {
  try {
    const text = textOf(bytes);
    return format === 'text' ? text : JSON.parse(text);
  } catch {
    return undefined; // neither text nor JSON has the value `undefined`
  }
}

export function headerOf(name: string, value: Uint8Array | null): RecordHeader {
  if (value === null) return [name, null];
  const text = readable(value, 'text') as string | undefined;
  return text === undefined ? [name, null, base64Of(value)] : [name, text];
}
