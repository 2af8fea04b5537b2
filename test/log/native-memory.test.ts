import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { native } from '../../src/log/native.ts';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';

const ADDON = new URL('../../native/build/millrace.node', import.meta.url).pathname;

skipWithoutAddon('only the addon gives memory back to the system');

/** How many MB a process keeps of 40 that it used and freed, and how many when it was trimmed. */
const BURST = `
const native = require(${JSON.stringify(ADDON)});
const { readFileSync } = require('node:fs');
const anonymousMb = () => {
  return Number(/RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
};
if (process.argv[1] === 'bound') native.boundSpareMemory();
const use = (count, bytes) => {
  Array.from({ length: count }, () => Buffer.allocUnsafeSlow(bytes).fill(1));
};
/** The collector frees in a thread of its own. */
const freed = async () => {
  gc();
  await new Promise((resolve) => setTimeout(resolve, 200));
};
(async () => {
  use(1, 31_000_000);
  await freed();
  const beforeMb = anonymousMb();
  use(5, 8_000_000);
  await freed();
  const keptMb = anonymousMb() - beforeMb;
  native.trimMemory();
  process.stdout.write(JSON.stringify([keptMb, anonymousMb() - beforeMb]));
})();
`;

function keptMb(mode: string): [number, number] {
  return JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', '-e', BURST, mode], { encoding: 'utf8' }),
  );
}

describe('spare memory', () => {
  it.runIf(process.platform === 'linux')(
    'goes back to the system at once, or when asked to',
    () => {
      const [, trimmed] = keptMb('unbound');
      const [bound] = keptMb('bound');
      expect(trimmed).toBeLessThan(10);
      expect(bound).toBeLessThan(10);
    },
  );
});

describe('discard', () => {
  it.runIf(process.platform === 'linux')('leaves zeros in all whole pages', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(1_000_000)).fill(7);
    native.discard(bytes.subarray(100, 900_000));
    expect(bytes.subarray(0, 100).every((byte) => byte === 7)).toBe(true);
    expect(bytes.subarray(900_000).every((byte) => byte === 7)).toBe(true);
    expect(bytes.subarray(100, 900_000).filter((byte) => byte === 7).length).toBeLessThan(140_000);
    expect(bytes.includes(0)).toBe(true);
  });

  it('takes bytes that share a page with others, or none', () => {
    const bytes = new Uint8Array(100).fill(7);
    native.discard(bytes);
    native.discard(new Uint8Array(0));
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect(() => native.discard('bytes' as never)).toThrow('discard takes a Uint8Array');
  });
});
