/**
 * The client needs no addon. Where it loads, its CRC-32C takes the place of the portable one, which
 * is the largest single cost of a batch. Only the entry for Node (`index.ts`) installs it.
 */
import { loadAddon } from '../base/load-addon.ts';
import { type Crc32c, crc32c, installCrc32c, portableCrc32c } from '../records/crc32c.ts';

/** The first checksum loads the addon, so that a program that only imports the client does not. */
export function installNativeCrc(): void {
  if (crc32c === portableCrc32c) installCrc32c(loadAndCompute);
}

const loadAndCompute: Crc32c = (bytes, start, end) => {
  installCrc32c(nativeOrPortable());
  return crc32c(bytes, start, end);
};

function nativeOrPortable(): Crc32c {
  try {
    return (loadAddon() as { readonly crc32c: Crc32c }).crc32c;
  } catch {
    // There is none for this platform, or `MILLRACE_NATIVE=off` asks to do without.
    return portableCrc32c;
  }
}
