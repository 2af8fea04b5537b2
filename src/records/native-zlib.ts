interface OpenOptions {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
}

interface ZstdOptions {
  readonly params: Record<number, number>;
  readonly pledgedSrcSize: number;
}

/** What is used of node:zlib. It has zstd from Node 22.15 on. */
export interface NativeZlib {
  gzipSync(bytes: Uint8Array, options: { readonly level?: number }): Uint8Array;
  gunzipSync(bytes: Uint8Array, options: OpenOptions): Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
  zstdCompressSync?(bytes: Uint8Array, options: ZstdOptions): Uint8Array;
  zstdDecompressSync(bytes: Uint8Array, options: OpenOptions): Uint8Array;
}
