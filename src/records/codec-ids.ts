/** The compression codecs of a record batch, by the number in the lowest attribute bits. */
export const CODEC = { NONE: 0, GZIP: 1, SNAPPY: 2, LZ4: 3, ZSTD: 4 } as const;

/** By number; the names are those of `compression.type`. */
export const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export type CodecName = (typeof CODEC_NAMES)[number];

/** -1 where no codec has the name. */
export function codecIdOf(name: string): number {
  return (CODEC_NAMES as readonly string[]).indexOf(name);
}
