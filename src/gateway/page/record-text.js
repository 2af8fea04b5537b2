const strict = new TextDecoder('utf-8', { fatal: true });

/** What the bytes of a key or value say; null where there are none or they are no text. */
export function textIn(bytes) {
  if (bytes === null || bytes === undefined) return null;
  try {
    return strict.decode(bytes);
  } catch {
    return null; // not UTF-8
  }
}

export function base64In(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
