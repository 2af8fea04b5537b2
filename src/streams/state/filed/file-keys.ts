/** Keys in a file of rows: a byte that says what follows, and what follows. */
export const SPACE = { PROGRESS: 0, ROWS: 1, TIMES: 2 } as const;

export function spaced(space: number, bytes: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(bytes.length + 1);
  key[0] = space;
  key.set(bytes, 1);
  return key;
}

/** The first key behind this one. */
export function behind(space: number, bytes: Uint8Array): Buffer {
  const key = Buffer.alloc(bytes.length + 2);
  key[0] = space;
  key.set(bytes, 1);
  return key;
}

/** Where rows up to a key end; null is an open end. */
export function endOf(space: number, to: Uint8Array | null, inclusive: boolean): Buffer {
  if (to === null) return Buffer.of(space + 1);
  return inclusive ? behind(space, to) : spaced(space, to);
}

/** As a text, for sets of keys. */
export function keyText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
