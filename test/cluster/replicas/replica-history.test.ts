import { expect, it } from 'vitest';
import { judge } from '../../conformance/lib/replica-history.mjs';

/** Two writers in two partitions, all of it acknowledged and read. */
function sound() {
  const logs = [
    ['one:1', 'two:1', 'one:2', 'two:2'],
    ['one:1', 'one:2'],
  ];
  const acked = logs.flatMap((values, partition) => {
    return values.map((identity, offset) => ({ partition, identity, offset }));
  });
  const tails = logs.map((values, partition) => ({
    partition,
    values: [...values],
    wrong: [] as string[],
  }));
  return { logs, acked, tails };
}

it('finds nothing where all is there, also records that were not acknowledged or have no offset', () => {
  const { logs, acked, tails } = sound();
  logs[1]!.push('one:3');
  acked[0]!.offset = -1;
  expect(() => judge({ logs, acked, tails })).not.toThrow();
});

it('finds a record that is lost', () => {
  const { logs, acked } = sound();
  logs[1]!.pop();
  expect(() => judge({ logs, acked })).toThrow('lost: 1/one:2, acknowledged at 1');
});

it('finds a record that is there twice', () => {
  const { logs, acked } = sound();
  logs[1]!.push('one:2');
  expect(() => judge({ logs, acked })).toThrow('doubled: 1/one:2 at 1 and 2');
});

it('lets a record be there twice where it may, and tells how many are', () => {
  const { logs, acked, tails } = sound();
  logs[1]!.push('one:1');
  acked.push({ partition: 1, identity: 'one:1', offset: 2 });
  const mayDouble = (partition: number, offset: number) => partition === 1 && offset === 2;
  expect(judge({ logs, acked, tails, mayDouble })).toBe(1);
  expect(judge(sound())).toBe(0);
});

it('finds records of one writer that are out of order', () => {
  const { logs, acked } = sound();
  logs[0] = ['one:2', 'two:1', 'one:1', 'two:2'];
  expect(() => judge({ logs, acked })).toThrow('order: 0/one:1 at 2 comes after 2');
});

it('finds a record that is not where the writer was told', () => {
  const { logs, acked } = sound();
  logs[0] = ['two:1', 'one:1', 'one:2', 'two:2'];
  expect(() => judge({ logs, acked })).toThrow('moved: 0/one:1 was acknowledged at 0 and is at 1');
});

it('finds what a reader saw and nobody has now', () => {
  const { logs, acked, tails } = sound();
  tails[1]!.values.push('one:3');
  expect(() => judge({ logs, acked, tails })).toThrow('changed: 1 at 2 was one:3');
});

it('tells what a reader itself found wrong', () => {
  const { logs, acked, tails } = sound();
  tails[0]!.wrong.push('21 has no offset 7 of 0, which was read');
  expect(() => judge({ logs, acked, tails })).toThrow('21 has no offset 7');
});
