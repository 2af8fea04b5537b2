/**
 * The broker's only door to the addon. Every thread that imports this room gets the addon loaded,
 * and the native CRC-32C, memcpy and walk over records installed into the rooms below. Where it
 * does not load, or `MILLRACE_NATIVE=off` asks for it, JavaScript fulfils the same contract.
 */
import { installCopyBytes } from '../base/bytes.ts';
import { reasonOf } from '../base/errors.ts';
import { loadAddon } from '../base/load-addon.ts';
import type { SocketCalls } from '../base/socket-calls.ts';
import { installCrc32c } from '../records/crc32c.ts';
import { installWalkRecords } from '../records/record-walker.ts';
import type { NativeCalls } from './native-calls.ts';
import { portableCalls } from './portable/portable-calls.ts';

type NativeAddon = NativeCalls & SocketCalls;

/** Why the addon is not used, or ''. */
export let portableReason = '';

function load(): NativeAddon | null {
  try {
    return loadAddon() as NativeAddon;
  } catch (cause) {
    portableReason = reasonOf(cause);
    return null;
  }
}

const addon = load();

export const native: NativeCalls = addon ?? portableCalls;
/** The addon's sockets; null where those of node:net take their place. */
export const nativeSockets: SocketCalls | null = addon;

if (addon !== null) {
  installCrc32c(addon.crc32c);
  installCopyBytes(addon.copy);
  installWalkRecords(addon.walkRecords);
}
