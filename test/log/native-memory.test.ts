import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { native } from '../../src/log/native.ts';

const ADDON = new URL('../../native/build/millrace.node', import.meta.url).pathname;

/** How many MB a process keeps of 40 that it used and freed, and how many when it was trimmed. */
const BURST = `
const native = require(${JSON.stringify(ADDON)});
const { readFileSync } = require('node:fs');
const anonymousMb = () => {
  return Number(/RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
};
if (process.argv[1] === 'bound') native.boundSpareMemory();
native.release(Buffer.allocUnsafeSlow(31_000_000).fill(1));
const beforeMb = anonymousMb();
const used = Array.from({ length: 5 }, () => Buffer.allocUnsafeSlow(8_000_000).fill(1));
for (const each of used) native.release(each);
const keptMb = anonymousMb() - beforeMb;
native.trimMemory();
process.stdout.write(JSON.stringify([keptMb, anonymousMb() - beforeMb]));
`;

function keptMb(mode: string): [number, number] {
  return JSON.parse(execFileSync(process.execPath, ['-e', BURST, mode], { encoding: 'utf8' }));
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

describe('release', () => {
  it('frees what private bytes lie in, and leaves shared ones alone', () => {
    const own = new Uint8Array(1_000_000);
    expect(native.release(own)).toBe(true);
    expect(own.length).toBe(0);
    const shared = new Uint8Array(new SharedArrayBuffer(1000));
    expect(native.release(shared)).toBe(false);
    expect(shared.length).toBe(1000);
    expect(() => native.release('bytes' as never)).toThrow('release takes a Uint8Array');
  });
});
