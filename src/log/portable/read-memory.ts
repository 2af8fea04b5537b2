/**
 * The memory of stretches that were read to be sent. A socket that has taken a stretch gives its
 * memory back, and the next read takes it again: fresh memory costs more than the read. What nobody
 * gives back the collector frees. This thread counts what is out: many peers that do not read must
 * not make it hold as much as they ask for, so a read is cut shorter where much is held.
 */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** The thread is held up for as long as a read takes. */
const READ_BYTES_MAX = 4 * 1024 * 1024;
const FEW_READ_BYTES = 64 * 1024;
/** What is kept for the next reads, of all sizes together. */
const SPARE_BYTES_MAX = 8 * 1024 * 1024;
/** Sizes are powers of two: 64 KB and up to the longest read. */
const SIZES = 1 + Math.log2(READ_BYTES_MAX / FEW_READ_BYTES);

const memory = { heldBytes: 0, spareBytes: 0 };
const spare: ArrayBuffer[][] = Array.from({ length: SIZES }, () => []);
/** Memory that is out and can be given back. */
const lent = new WeakSet<ArrayBufferLike>();
const freed = new FinalizationRegistry<number>((bytes) => {
  memory.heldBytes -= bytes;
});

/** How much a read may take now; a batch that is longer is read all the same. */
export function readBytesMax(): number {
  return memory.heldBytes < HELD_BYTES_MAX ? READ_BYTES_MAX : FEW_READ_BYTES;
}

export function takeReadMemory(bytes: number): Buffer {
  if (bytes < FEW_READ_BYTES) return Buffer.allocUnsafe(bytes);
  if (bytes > READ_BYTES_MAX) return hold(Buffer.allocUnsafeSlow(bytes).buffer, bytes);
  const size = sizeFor(bytes);
  const kept = spare[size]!.pop();
  if (kept !== undefined) memory.spareBytes -= kept.byteLength;
  const room = kept ?? Buffer.allocUnsafeSlow(FEW_READ_BYTES << size).buffer;
  lent.add(room);
  return hold(room, bytes);
}

function hold(room: ArrayBuffer, bytes: number): Buffer {
  memory.heldBytes += room.byteLength;
  freed.register(room, room.byteLength, room);
  return Buffer.from(room, 0, bytes);
}

function sizeFor(bytes: number): number {
  return 32 - Math.clz32((bytes - 1) >>> 16);
}

/**
 * A socket has taken the bytes, and nobody else looks at them: a source forgets what it read last
 * before memory is taken again. Any other memory is left alone, and so is what is beyond the bound.
 */
export function giveBackReadMemory(bytes: Buffer): void {
  const room = bytes.buffer as ArrayBuffer;
  if (!lent.delete(room) || memory.spareBytes + room.byteLength > SPARE_BYTES_MAX) return;
  freed.unregister(room);
  memory.heldBytes -= room.byteLength;
  memory.spareBytes += room.byteLength;
  spare[sizeFor(room.byteLength)]!.push(room);
}
