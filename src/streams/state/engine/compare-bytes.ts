/** The order of keys: by unsigned bytes, a prefix before what is longer. */
export function compareBytes(
  one: Uint8Array,
  oneStart: number,
  oneEnd: number,
  other: Uint8Array,
  otherStart: number,
  otherEnd: number,
): number {
  const common = Math.min(oneEnd - oneStart, otherEnd - otherStart);
  for (let i = 0; i < common; i++) {
    const difference = one[oneStart + i]! - other[otherStart + i]!;
    if (difference !== 0) return difference;
  }
  return oneEnd - oneStart - (otherEnd - otherStart);
}
