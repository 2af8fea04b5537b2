/** The codecs that Node brings or that are installed beside; `no-native-codecs` is for browsers. */
import { createRequire } from 'node:module';
import type { NativeZlib } from './native-zlib.ts';

const require = createRequire(import.meta.url);

/** Loaded on first use: a broker that opens no batch does not pay for it at its start. */
export function loadZlib(): NativeZlib | null {
  return require('node:zlib');
}

/** The module `lz4-napi`, null where it is not installed or has no binary for this platform. */
export function loadLz4(): unknown {
  try {
    return require('lz4-napi');
  } catch {
    return null;
  }
}
