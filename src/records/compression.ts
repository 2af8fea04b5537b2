import { MillraceError } from '../base/errors.ts';
import { gunzip, gzip } from './codec-gzip.ts';
import { CODEC } from './codec-ids.ts';
import { compressLz4, decompressLz4 } from './codec-lz4.ts';
import { compressSnappy, decompressSnappy } from './codec-snappy.ts';
import { compressZstd, decompressZstd } from './codec-zstd.ts';

/** What one batch may grow to when it is opened, unless the caller knows better. */
export const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;

/** `level` matters to gzip, lz4 and, where Node brings zstd, to zstd. */
export function compress(codec: number, bytes: Uint8Array, level?: number): Uint8Array {
  switch (codec) {
    case CODEC.NONE:
      return bytes;
    case CODEC.GZIP:
      return gzip(bytes, level);
    case CODEC.SNAPPY:
      return compressSnappy(bytes);
    case CODEC.LZ4:
      return compressLz4(bytes, level);
    case CODEC.ZSTD:
      return compressZstd(bytes, level);
    default:
      throw new MillraceError('MILLRACE_BAD_ARGUMENT', `unknown compression codec ${codec}`);
  }
}

/**
 * Throws MILLRACE_CORRUPT for malformed bytes and for those that would grow past `maxBytes`,
 * whatever size they declare: no more than that is ever allocated.
 */
export function decompress(codec: number, bytes: Uint8Array, maxBytes: number): Uint8Array {
  switch (codec) {
    case CODEC.NONE:
      return bytes;
    case CODEC.GZIP:
      return gunzip(bytes, maxBytes);
    case CODEC.SNAPPY:
      return decompressSnappy(bytes, maxBytes);
    case CODEC.LZ4:
      return decompressLz4(bytes, maxBytes);
    case CODEC.ZSTD:
      return decompressZstd(bytes, maxBytes);
    default:
      throw new MillraceError('MILLRACE_CORRUPT', `unknown compression codec ${codec}`);
  }
}
