/**
 * The memory of stretches that were read to be sent. The collector frees them, and this thread
 * counts those that are left: many peers that do not read must not make it hold as much as they
 * ask for, so a read is cut shorter where much is held.
 */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** The thread is held up for as long as a read takes. */
const READ_BYTES_MAX = 4 * 1024 * 1024;
const FEW_READ_BYTES = 64 * 1024;

const memory = { heldBytes: 0 };
const freed = new FinalizationRegistry<number>((bytes) => {
  memory.heldBytes -= bytes;
});

/** How much a read may take now; a batch that is longer is read all the same. */
export function readBytesMax(): number {
  return memory.heldBytes < HELD_BYTES_MAX ? READ_BYTES_MAX : FEW_READ_BYTES;
}

export function takeReadMemory(bytes: number): Buffer {
  if (bytes < FEW_READ_BYTES) return Buffer.allocUnsafe(bytes);
  const room = Buffer.allocUnsafeSlow(bytes);
  memory.heldBytes += bytes;
  freed.register(room.buffer, bytes);
  return room;
}
