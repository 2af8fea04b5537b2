import { describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { ResponseError } from '../../src/client/response-error.ts';
import { withRetries } from '../../src/client/retry.ts';

const CODES = [ERROR.NOT_COORDINATOR];

describe('withRetries', () => {
  it('goes on until the passing error has passed', async () => {
    let attempts = 0;
    const result = await withRetries({ codes: CODES, limitMs: 10_000 }, async () => {
      attempts++;
      if (attempts < 3) throw new ResponseError(ERROR.NOT_COORDINATOR, null, 'group g');
      return 'done';
    });
    expect([result, attempts]).toEqual(['done', 3]);
  });

  it('lets every other error through at once', async () => {
    let attempts = 0;
    const run = withRetries({ codes: CODES, limitMs: 10_000 }, async () => {
      attempts++;
      throw new ResponseError(ERROR.INVALID_GROUP_ID, null, 'group g');
    });
    await expect(run).rejects.toThrow('INVALID_GROUP_ID');
    expect(attempts).toBe(1);
  });

  it('gives up when its time is over', async () => {
    const run = withRetries({ codes: CODES, limitMs: 100 }, async () => {
      throw new ResponseError(ERROR.NOT_COORDINATOR, null, 'group g');
    });
    await expect(run).rejects.toThrow('group g: This is not the correct coordinator.');
  });
});
