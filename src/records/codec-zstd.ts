import { MillraceError } from '../base/errors.ts';
export function compressZstd(_b: Uint8Array, _level?: number): Uint8Array {
  throw new MillraceError('MILLRACE_CORRUPT', 'zstd follows');
}
export function decompressZstd(_b: Uint8Array, _max: number): Uint8Array {
  throw new MillraceError('MILLRACE_CORRUPT', 'zstd follows');
}
