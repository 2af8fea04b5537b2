/** A constant piece of JSON text, cut into words so that four bytes are written at once. */
export interface JsonPiece {
  readonly words: Int32Array;
  readonly length: number;
}

const WORD_BYTES = 4;

export function jsonPiece(text: string): JsonPiece {
  const bytes = Buffer.from(text);
  const words = new Int32Array(Math.ceil(bytes.length / WORD_BYTES));
  const padded = Buffer.alloc(words.length * WORD_BYTES);
  bytes.copy(padded);
  for (let i = 0; i < words.length; i++) words[i] = padded.readInt32LE(i * WORD_BYTES);
  return { words, length: bytes.length };
}
