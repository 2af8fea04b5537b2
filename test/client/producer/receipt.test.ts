import { describe, expect, it } from 'vitest';
import { KafkaError } from '#millrace/client/errors/kafka-error';
import { BatchOutcome } from '#millrace/client/producer/batch-outcome';
import { Receipt } from '#millrace/client/producer/receipt';

const WHERE = { topic: 'words', partition: 3, timestamp: -1, logStartOffset: -1 };

describe('a receipt', () => {
  it('is awaited for where its record of the batch went', async () => {
    const outcome = new BatchOutcome('words', 3);
    const receipts = [Receipt.of(outcome, 0), Receipt.of(outcome, 1)];
    const all = Promise.all(receipts);
    await Promise.resolve();
    outcome.succeed(40, -1);
    expect(await all).toEqual([
      { ...WHERE, offset: 40 },
      { ...WHERE, offset: 41 },
    ]);
  });

  it('may be awaited long after its batch is done, and more than once', async () => {
    const outcome = new BatchOutcome('words', 3);
    const receipt = Receipt.of(outcome, 2);
    outcome.succeed(40, -1);
    expect(await receipt).toEqual({ ...WHERE, offset: 42 });
    expect(await receipt.promise()).toEqual({ ...WHERE, offset: 42 });
    expect(outcome.looked).toBe(1);
  });

  it('calls no handler before then() has returned', async () => {
    const outcome = new BatchOutcome('words', 3);
    outcome.succeed(40, -1);
    const order: string[] = [];
    const reaction = Receipt.of(outcome, 0).then(() => order.push('handler'));
    order.push('returned');
    await reaction;
    expect(order).toEqual(['returned', 'handler']);
  });

  it('goes on as a promise does, through values, promises and throws', async () => {
    const outcome = new BatchOutcome('words', 3);
    const offset = Receipt.of(outcome, 5).then((where) => Promise.resolve(where.offset));
    const early = offset.then((value) => value + 1);
    const thrown = Receipt.of(outcome, 0).then(() => {
      throw new Error('a handler threw');
    });
    const caught = thrown.catch((error: Error) => error.message);
    let ended = 0;
    const last = offset.finally(() => {
      ended++;
    });
    outcome.succeed(40, -1);
    expect(await early).toBe(46);
    expect(await last).toBe(45);
    expect(ended).toBe(1);
    expect(await caught).toBe('a handler threw');
    expect(await offset).toBe(45);
  });

  it('rejects with the error of its batch, and takes the place of a missing handler', async () => {
    const outcome = new BatchOutcome('words', 3);
    const error = new KafkaError('REQUEST_TIMED_OUT', 'too late');
    const receipts = [Receipt.of(outcome, 0), Receipt.of(outcome, 1), Receipt.of(outcome, 2)];
    const passed = receipts[0]!.then(() => 'kept');
    const refused = receipts[1]!.catch((reason) => reason);
    outcome.fail(error);
    await expect(passed).rejects.toBe(error);
    expect(await refused).toBe(error);
    await expect(receipts[2]).rejects.toBe(error);
  });
});
