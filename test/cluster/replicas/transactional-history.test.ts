import { expect, it } from 'vitest';
import { judgeTransactions } from '../../conformance/lib/transactional-history.mjs';

/** A committed transaction in two partitions, one that was aborted, and one that may be either. */
function sound() {
  const value = (id: string, index: number) => `${id}:${index}:xxx`;
  const read = [
    [
      { offset: 0, value: value('one:1', 0) },
      { offset: 4, value: value('two:7', 0) },
    ],
    [
      { offset: 0, value: value('one:1', 1) },
      { offset: 1, value: value('one:1', 2) },
    ],
  ];
  const told = [
    { id: 'one:1', places: [0, 1, 1], outcome: 'committed' },
    { id: 'one:2', places: [0, 1], outcome: 'aborted' },
    { id: 'two:7', places: [0], outcome: 'unknown' },
  ];
  const tails = read.map((records, partition) => ({
    partition,
    records: [...records],
    wrong: [] as string[],
  }));
  return { read, told, tails };
}

it('finds nothing where committed transactions are whole and aborted ones unseen', () => {
  expect(() => judgeTransactions(sound())).not.toThrow();
  const { read, told } = sound();
  read[0]!.pop();
  expect(() => judgeTransactions({ read, told, tails: [] })).not.toThrow();
});

it('finds a committed transaction that is not whole', () => {
  const { read, told } = sound();
  read[1]!.pop();
  const torn = () => judgeTransactions({ read, told, tails: [] });
  expect(torn).toThrow('committed: one:1 has 2 of 3 records');
});

it('finds an aborted transaction of which something is seen', () => {
  const { read, told } = sound();
  read[1]!.push({ offset: 3, value: 'one:2:1:xxx' });
  const seen = () => judgeTransactions({ read, told, tails: [] });
  expect(seen).toThrow('aborted: one:2 has 1 of 2 records');
});

it('finds one that is torn, whatever became of it', () => {
  const { read, told } = sound();
  told[2]!.places.push(1);
  const torn = () => judgeTransactions({ read, told, tails: [] });
  expect(torn).toThrow('torn: two:7 has 1 of 2 records');
});

it('finds a record that is there twice, out of order, or of nobody', () => {
  const { read, told } = sound();
  read[0]!.push({ offset: 5, value: 'one:1:0:xxx' }, { offset: 6, value: 'three:1:0:xxx' });
  read[1]!.reverse();
  const wrong = () => judgeTransactions({ read, told, tails: [] });
  expect(wrong).toThrow('doubled: one:1, record 0, at 0/5');
  expect(wrong).toThrow('order: one:1, record 1, at 1/0');
  expect(wrong).toThrow('nobody wrote three:1');
});

it('finds what a reader saw and nobody has now', () => {
  const { read, told, tails } = sound();
  tails[1]!.records[1] = { offset: 2, value: 'one:1:2:xxx' };
  expect(() => judgeTransactions({ read, told, tails })).toThrow('changed: 1: 2 one:1:2');
});
