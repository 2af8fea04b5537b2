/** A browser has none of what `native-codecs` loads: this room's own coders do the work. */
import type { NativeZlib } from './native-zlib.ts';

export function loadZlib(): NativeZlib | null {
  return null;
}

export function loadLz4(): unknown {
  return null;
}
