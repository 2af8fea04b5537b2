import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readUuid, writeUuid } from '../../src/protocol/uuid-bytes.ts';

test('uuids are read and written as Node writes base64url', () => {
  const target = Buffer.alloc(16);
  for (let i = 0; i < 5000; i++) {
    const bytes = randomBytes(16);
    const text = bytes.toString('base64url');
    expect(readUuid(bytes, 0)).toBe(text);
    expect(readUuid(bytes, 0)).toBe(text);
    expect(writeUuid(target, 0, text)).toBe(true);
    expect(target.equals(bytes)).toBe(true);
  }
});

test('the zero uuid has its text from the first time on', () => {
  expect(readUuid(Buffer.alloc(16), 0)).toBe('AAAAAAAAAAAAAAAAAAAAAA');
});
