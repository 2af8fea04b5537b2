/** Of the memory that was copied from last. */
let view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

/**
 * Copies the bytes from `start` to `end` in words. For the few hundred bytes of a row that is
 * quicker than a call into the engine, which makes a view for each.
 */
export function copyBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: DataView,
  targetAt: number,
): void {
  if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer);
  const source = view;
  const shift = targetAt - bytes.byteOffset - start;
  const last = bytes.byteOffset + end;
  let at = bytes.byteOffset + start;
  for (; at + 4 <= last; at += 4) {
    target.setInt32(at + shift, source.getInt32(at, true), true);
  }
  for (; at < last; at++) target.setUint8(at + shift, source.getUint8(at));
}
