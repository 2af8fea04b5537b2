import { createRequire } from 'node:module';
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { OutgrownError } from './outgrown-error.ts';
import { tooLarge } from './output.ts';
import { zlibChunkBytes } from './zlib-chunk.ts';

/** Loaded on first use: a broker that opens no batch does not pay for it at its start. */
let zlib: typeof import('node:zlib') | undefined;

function loadZlib(): typeof import('node:zlib') {
  zlib ??= createRequire(import.meta.url)('node:zlib') as typeof import('node:zlib');
  return zlib;
}

export function gzip(bytes: Uint8Array, level?: number): Uint8Array {
  return loadZlib().gzipSync(bytes, level === undefined ? {} : { level });
}

export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    const chunkSize = zlibChunkBytes(bytes.length);
    return loadZlib().gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize });
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ERR_BUFFER_TOO_LARGE') {
      throw new OutgrownError(tooLarge('gzip', maxBytes), thrown);
    }
    throw new MillraceError('MILLRACE_CORRUPT', `bad gzip data: ${reasonOf(thrown)}`, thrown);
  }
}
