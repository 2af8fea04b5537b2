import { expect, it } from 'vitest';
import { CLOSE, closeReason } from '../../../src/gateway/command/close-code.ts';

it('writes a reason that a machine can read', () => {
  const reason = JSON.parse(closeReason(CLOSE.SLOW, 'too slow'));
  expect(reason).toEqual({ code: 'slow', reason: 'too slow', retry: true });
});

it('fits the words into the 123 bytes that a close frame has', () => {
  for (const words of ['x'.repeat(500), 'é"\n'.repeat(200)]) {
    const text = closeReason(CLOSE.TOO_MANY_SOCKETS, words);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(123);
    expect(JSON.parse(text)).toMatchObject({ code: 'too_many_sockets', retry: true });
  }
});
