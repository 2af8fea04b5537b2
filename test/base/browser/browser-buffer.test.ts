import { describe, expect, it } from 'vitest';
import { BrowserBuffer } from '../../../src/base/browser/browser-buffer.ts';

const TEXTS = ['', 'a', 'plain text of more than twenty-four bytes', 'héllo', '€uro', '😀 pair'];
TEXTS.push('\ufeffmark', 'lone \ud800 half', '\udc00', 'nul \0 inside', 'ü'.repeat(50));

/** The same of Node's Buffer and of ours: the outcome, or that it throws. */
function both<T>(work: (Class: typeof Buffer) => T): [T | string, T | string] {
  const outcome = (Class: typeof Buffer): T | string => {
    try {
      return work(Class);
    } catch (thrown) {
      return (thrown as Error).name;
    }
  };
  return [outcome(BrowserBuffer as never), outcome(Buffer)];
}

function expectSame(work: (Class: typeof Buffer) => unknown): void {
  const [own, node] = both(work);
  expect(own).toEqual(node);
}

describe('the Buffer of browsers', () => {
  it('writes and reads texts as Node does', () => {
    for (const text of TEXTS) {
      expectSame((Class) => [...Class.from(text)]);
      expectSame((Class) => Class.byteLength(text));
      expectSame((Class) => Class.from(text).toString());
      for (const encoding of ['utf8', 'latin1', 'base64', 'base64url'] as const) {
        expectSame((Class) => Class.from(text).toString(encoding, 1, 9));
      }
      const isPlain = Buffer.byteLength(text) === text.length;
      for (const room of [0, 1, 2, 3, 5, 200]) {
        // How much of a text that does not fit is written differs from one Node to the next.
        if (room < Buffer.byteLength(text) && !isPlain) continue;
        expectSame((Class) => {
          const bytes = Class.alloc(room);
          return [bytes.write(text), ...bytes];
        });
      }
    }
    for (const encoded of ['', 'YQ==', 'YQ', 'Y-_z', 'Y+/z', 'YWJj ZGVm\n']) {
      expectSame((Class) => [...Class.from(encoded, 'base64')]);
    }
    expectSame((Class) => [...Class.from('\xff\x80a', 'latin1')]);
    expectSame((Class) => [...Class.from([0xef, 0xbb, 0xbf, 0x61, 0xff]).toString()]);
  });

  it('writes and reads numbers as Node does, and refuses what is cut off', () => {
    const sizes = { Int8: 1, Int16BE: 2, Int32BE: 4, UInt32BE: 4, UInt16LE: 2, UInt32LE: 4 };
    for (const [kind, size] of Object.entries(sizes)) {
      for (const value of [0, 1, 0x7f, 2 ** (8 * size - 1) - 1]) {
        for (const at of [0, 3, 8 - size, 9 - size]) {
          expectSame((Class) => {
            const bytes = Class.alloc(8);
            const write = `write${kind}` as 'writeInt32BE';
            return [bytes[write](value, at), ...bytes];
          });
        }
      }
    }
    const noise = [0xff, 0x80, 0x01, 0x7f, 0xfe, 0x90, 0x33, 0xc4];
    for (const kind of [
      'Int8',
      'Int16BE',
      'UInt16BE',
      'Int32BE',
      'UInt32BE',
      'UInt32LE',
      'DoubleBE',
    ]) {
      for (let at = 0; at <= noise.length; at++) {
        expectSame((Class) => Class.from(noise)[`read${kind}` as 'readInt32BE'](at));
      }
    }
    expectSame((Class) => Class.from(noise).readBigInt64BE(0));
    for (const length of [1, 2, 3, 4, 5, 6]) {
      expectSame((Class) => Class.from(noise).readUIntLE(1, length));
      expectSame((Class) => {
        const bytes = Class.alloc(8);
        return [bytes.writeUIntLE(2 ** (8 * length) - 3, 1, length), ...bytes];
      });
    }
    expectSame((Class) => {
      const bytes = Class.alloc(32);
      bytes.writeDoubleBE(-1.5, bytes.writeBigInt64BE(-5n, 0));
      bytes.writeDoubleLE(1e300, bytes.writeBigUInt64LE(7n, 16));
      return [...bytes];
    });
    expectSame((Class) => [Class.alloc(4).writeInt32BE(-2), Class.alloc(4).writeUInt32BE(2 ** 31)]);
  });

  it('cuts, copies and joins as Node does; a cut is a view and one of its own', () => {
    for (const [from, to] of [[], [2], [1, 3], [-2], [0, -1], [3, 1], [9, 12], [-9, 2]]) {
      expectSame((Class) => [...Class.from('bytes').subarray(from, to)]);
    }
    expectSame((Class) => {
      const target = Class.alloc(4);
      const source = Class.from('bytes');
      const counts = [
        source.copy(target, 1, 2),
        source.copy(target, 3, 0, 3),
        source.copy(target, 4),
      ];
      return [...counts, ...target];
    });
    expectSame((Class) => [
      ...Class.concat([Class.from('ab'), new Uint8Array([1]), Class.alloc(0)]),
    ]);
    const memory = new ArrayBuffer(8);
    const view = BrowserBuffer.from(memory, 2, 4);
    view.subarray(1).writeInt8(7, 0);
    expect([view.length, new Uint8Array(memory)[3]]).toEqual([4, 7]);
    expect(BrowserBuffer.isBuffer(view.subarray(1))).toBe(true);
    expect(BrowserBuffer.isBuffer(new Uint8Array(1))).toBe(false);
    const copied = BrowserBuffer.from(view);
    copied[1] = 9;
    expect(view[1]).toBe(7);
    expect(view.map((byte) => byte + 1)).toBeInstanceOf(BrowserBuffer);
  });
});
