/**
 * An object out of JSON bytes, with what is missing taken from `defaults`. Bytes of another program
 * or of a newer version must not end this one: what cannot be read is as if it was not there.
 */
export function readJson<T extends object>(bytes: Uint8Array | null, defaults: T): T {
  const read = bytes === null || bytes.length === 0 ? null : parse(bytes);
  if (typeof read !== 'object' || read === null) return defaults;
  const known = Object.entries(defaults).map(([name, value]: [string, unknown]) => {
    const given = (read as Record<string, unknown>)[name];
    return [name, isOfSameKind(given, value) ? given : value];
  });
  return Object.fromEntries(known) as T;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/** Null stands for a text that may be missing. */
function isOfSameKind(given: unknown, value: unknown): boolean {
  if (value === null) return given === null || typeof given === 'string';
  return (
    typeof given === typeof value && given !== null && Array.isArray(given) === Array.isArray(value)
  );
}
