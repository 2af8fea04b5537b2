import { expect, test } from 'vitest';
import { ByteWriter } from '../../src/protocol/byte-writer.ts';

function written(write: (writer: ByteWriter) => number): Buffer {
  const writer = new ByteWriter();
  writer.begin();
  writer.position = write(writer);
  return writer.finish();
}

test('strings of any length and script come out as UTF-8 behind their length', () => {
  const texts = ['', 'a', 'plain', 'größe', '漢字', '🙂', 'a'.repeat(42), 'é'.repeat(42)];
  for (const text of [...texts, 'a'.repeat(43), '漢'.repeat(43), 'x'.repeat(32767)]) {
    const bytes = Buffer.from(text);
    const old = written((writer) => writer.string(writer.position, text));
    expect(old.readInt16BE(0)).toBe(bytes.length);
    expect(old.subarray(2).equals(bytes)).toBe(true);
    const compact = written((writer) => writer.compactString(writer.position, text));
    expect(compact.subarray(compact.length - bytes.length).equals(bytes)).toBe(true);
    expect(compact[0]! & 0x7f).toBe((bytes.length + 1) & 0x7f);
  }
});

test('a message that outgrows its slab moves as a whole', () => {
  const writer = new ByteWriter();
  writer.begin();
  writer.position = writer.string(writer.position, 'first');
  const first = writer.finish();
  writer.begin();
  for (let i = 0; i < 5000; i++) {
    writer.position = writer.string(writer.position, `piece ${i} of one long message`);
  }
  const long = writer.finish();
  expect(first.toString('latin1')).toBe('\0\x05first');
  expect(long.length).toBeGreaterThan(64 * 1024);
  expect(long.toString('latin1', 2, 9)).toBe('piece 0');
  expect(long.toString('latin1').endsWith('piece 4999 of one long message')).toBe(true);
});

test('references keep their places when the message moves', () => {
  const writer = new ByteWriter();
  writer.begin(true);
  const large = Buffer.alloc(2000, 7);
  writer.position = writer.string(writer.position, 'head');
  writer.position = writer.bytesOrReference(writer.position, large);
  const filling = Buffer.alloc(100_000, 9);
  writer.position = writer.rawBytes(writer.position, filling);
  writer.position = writer.bytesOrReference(writer.position, large);
  expect(writer.size).toBe(6 + 2000 + 100_000 + 2000);
  const chunks = writer.finishChunks();
  expect(chunks.map((chunk) => chunk.length)).toEqual([6, 2000, 100_000, 2000]);
  expect(chunks[1]).toBe(large);
});

test('the size of a tagged field takes as many bytes as it needs', () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 70_000]) {
    const bytes = written((writer) => {
      const mark = writer.position - writer.start;
      return writer.closeTag(writer.rawBytes(writer.position + 1, Buffer.alloc(size, 5)), mark);
    });
    const prefix = size < 128 ? 1 : size < 16_384 ? 2 : 3;
    expect(bytes.length).toBe(prefix + size);
    expect(bytes.subarray(prefix).equals(Buffer.alloc(size, 5))).toBe(true);
  }
});

test('an abandoned message leaves no references for the next', () => {
  const writer = new ByteWriter();
  writer.begin(true);
  writer.position = writer.bytesOrReference(writer.position, Buffer.alloc(5000));
  writer.abandon();
  writer.begin(true);
  writer.position = writer.string(writer.position, 'next');
  expect(writer.finishChunks().map((chunk) => chunk.toString('latin1'))).toEqual(['\0\x04next']);
});
