const strict = new TextDecoder('utf-8', { fatal: true });

/** The text of a key or value; null if there is none or it is not UTF-8. */
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
