/**
 * The names of Node that sources which run in browsers may use: those that the build replaces
 * (`src/browser-client.mjs`), with as much as their twins have.
 */
import type { BrowserBuffer } from '../../../src/base/browser/browser-buffer.ts';
import type { emitWarning } from '../../../src/base/browser/emit-warning.ts';
import type { nextTick } from '../../../src/base/browser/next-tick.ts';
import type { setImmediate as later } from '../../../src/base/browser/set-immediate.ts';

declare global {
  type Buffer = BrowserBuffer;
  const Buffer: typeof BrowserBuffer;
  const process: { readonly nextTick: typeof nextTick; readonly emitWarning: typeof emitWarning };
  const setImmediate: typeof later;
  /** Browsers have none; who uses it looks whether it is there. */
  interface Performance {
    eventLoopUtilization?(): { readonly idle: number };
  }
  namespace NodeJS {
    /** What a timer is in browsers; `unref` looks whether it is one of Node's. */
    type Timeout = number;
  }
}
