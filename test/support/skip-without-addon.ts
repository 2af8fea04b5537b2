import { beforeEach } from 'vitest';
import { portableReason } from '../../src/log/native.ts';

/** Leaves out the tests of the file or of the `describe` around, where the addon is not loaded. */
export function skipWithoutAddon(why: string): void {
  beforeEach((context) => {
    context.skip(portableReason !== '', `${why} (${portableReason})`);
  });
}
