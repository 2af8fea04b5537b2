export function bytesOf(chunks: readonly Uint8Array[]): number {
  let bytes = 0;
  for (let i = 0; i < chunks.length; i++) bytes += chunks[i]!.length;
  return bytes;
}
