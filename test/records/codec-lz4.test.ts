import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compressLz4, decompressLz4 } from '../../src/records/codec-lz4.ts';
import { LZ4_FAST_LEVEL, writeLz4Frame } from '../../src/records/lz4-frame.ts';
import { xxhash32 } from '../../src/records/xxhash32.ts';
import { LINKED_LZ4, longText } from './fixtures.ts';
import { Random } from './random.ts';

const LIMIT = 1_000_000;

/** Gives the frame's header a checksum that matches. */
function resealed(frame: Buffer): Buffer {
  frame[6] = (xxhash32(frame, 4, 6) >>> 8) & 0xff;
  return frame;
}

const CODEC = new URL('../../dist/records/codec-lz4.js', import.meta.url).href;
const OTHER_ADDON = fileURLToPath(new URL('../../native/build/millrace.node', import.meta.url));

const writeOwn = (bytes: Uint8Array): Uint8Array => writeLz4Frame(bytes, LZ4_FAST_LEVEL);

describe('lz4', () => {
  it('reads linked blocks with checksums and a content size', () => {
    const packed = Buffer.from(LINKED_LZ4, 'base64');
    expect(longText().equals(decompressLz4(packed, LIMIT))).toBe(true);
  });

  it('verifies every checksum', () => {
    const packed = Buffer.from(LINKED_LZ4, 'base64');
    for (const at of [14, packed.length - 1, packed.length - 9]) {
      const broken = Buffer.from(packed);
      broken[at]! ^= 0x40;
      expect(() => decompressLz4(broken, LIMIT)).toThrow('checksum does not match');
    }
  });

  it('writes independent blocks of 64 KB without checksums, as the Java client does', () => {
    const packed = Buffer.from(writeOwn(new Random(1).text(100_000)));
    expect(packed.subarray(0, 7).toString('hex')).toBe('04224d18604082');
    const second = 11 + packed.readUInt32LE(7);
    expect(second + 4 + packed.readUInt32LE(second)).toBe(packed.length - 4);
    expect(packed.readUInt32LE(packed.length - 4)).toBe(0);
  });

  it('stores what does not shrink', () => {
    const noise = new Random(2).bytes(1000);
    const packed = Buffer.from(writeOwn(noise));
    expect(packed.length).toBe(1000 + 15);
    expect(packed.readUInt32LE(7)).toBe(0x80000000 + 1000);
  });

  it('reads frames that follow each other', () => {
    const packed = writeOwn(Buffer.from('millrace '));
    const both = decompressLz4(Buffer.concat([packed, packed]), LIMIT);
    expect(Buffer.from(both).toString()).toBe('millrace millrace ');
  });

  it('refuses frames of another version, with a dictionary, or with a strange block size', () => {
    const frame = Buffer.from(writeOwn(Buffer.alloc(100)));
    const changed = (at: number, value: number) => {
      const copy = Buffer.from(frame);
      copy[at] = value;
      return resealed(copy);
    };
    expect(() => decompressLz4(changed(0, 5), LIMIT)).toThrow('no LZ4 frame');
    expect(() => decompressLz4(changed(4, 0x20), LIMIT)).toThrow('version');
    expect(() => decompressLz4(changed(4, 0x61), LIMIT)).toThrow('dictionaries');
    expect(() => decompressLz4(changed(5, 0x30), LIMIT)).toThrow('block size');
  });

  it('refuses blocks larger than the frame allows', () => {
    const frame = Buffer.from(writeOwn(Buffer.alloc(100)));
    frame.writeUInt32LE(70_000, 7);
    expect(() => decompressLz4(frame, LIMIT)).toThrow('a block of 70000 bytes is too large');
  });

  it.each<[string, number[]]>([
    ['a match from before the beginning', [0x10, 0x61, 2, 0, 0]],
    ['a match at distance 0', [0x10, 0x61, 0, 0, 0]],
    ['literals past the end', [0xf0, 255, 255]],
    ['a distance that is cut off', [0x10, 0x61, 1]],
    ['a length that is cut off', [0x1f, 0x61, 1, 0, 255]],
  ])('refuses a block with %s', (_what, block) => {
    const frame = Buffer.concat([
      writeOwn(Buffer.alloc(0)).subarray(0, 7),
      Buffer.from([block.length, 0, 0, 0, ...block, 0, 0, 0, 0]),
    ]);
    expect(() => decompressLz4(frame, LIMIT)).toThrow('a malformed block');
  });
});

const SAMPLES: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['a few bytes', Buffer.from('millrace')],
  ['one byte, again and again', Buffer.alloc(200_000, 7)],
  ['a short period', Buffer.from('abcdefgh'.repeat(20_000))],
  ['text', Buffer.from(new Random(3).text(150_000))],
  ['noise', Buffer.from(new Random(4).bytes(70_000))],
];

describe.each(SAMPLES)('%s', (_, bytes) => {
  it.each([1, 2, 3, 6, 8, 9, 10, 12, 17])('comes back as it was from level %i', (level) => {
    const packed = compressLz4(bytes, level);
    expect(Buffer.from(decompressLz4(packed, LIMIT)).equals(bytes)).toBe(true);
    const own = writeLz4Frame(bytes, level);
    expect(Buffer.from(decompressLz4(own, LIMIT)).equals(bytes)).toBe(true);
  });
});

it('packs closer the higher the level is, and closer than the fast search', () => {
  const text = Buffer.from(new Random(5).text(100_000));
  const sizes = [1, 3, 6, 12].map((level) => compressLz4(text, level).length);
  expect(sizes.toSorted((a, b) => b - a)).toEqual(sizes);
  expect(sizes.at(-1)).toBeLessThan(writeLz4Frame(text, LZ4_FAST_LEVEL).length);
});

it('has the parts of its frame that the Java client reads, whoever packs', () => {
  const [magic, flags] = [0, 4].map((at) =>
    Buffer.from(compressLz4(Buffer.alloc(9))).readUInt8(at),
  );
  expect([magic, flags]).toEqual([4, 0x60]);
});

it.skipIf(!existsSync(OTHER_ADDON))(
  'packs by itself where lz4-napi is led to another addon',
  () => {
    const pack = `import(${JSON.stringify(CODEC)}).then(({ compressLz4 }) => {
    process.stdout.write(Buffer.from(compressLz4(Buffer.from('a record'))).toString('hex'));
  });`;
    const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: OTHER_ADDON };
    const packed = execFileSync(process.execPath, ['-e', pack], { env, encoding: 'utf8' });
    expect(decompressLz4(Buffer.from(packed, 'hex'), LIMIT)).toEqual(Buffer.from('a record'));
  },
);
