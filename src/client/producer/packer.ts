/** Compresses large batches beside the event loop. */
export interface Packer {
  /**
   * Resolves with `BATCH_HEADER_SIZE` free bytes and the compressed records behind them. Null where
   * it is quicker to compress them at once.
   */
  pack(codec: number, level: number | undefined, records: Uint8Array): Promise<Buffer> | null;
}

/** Null where there are no threads, as in a browser: batches are compressed at once. */
export let packer: Packer | null = null;

export function installPacker(installed: Packer | null): void {
  packer = installed;
}
