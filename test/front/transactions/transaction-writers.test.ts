import { expect, test } from 'vitest';
import { TransactionWriters } from '../../../src/front/transactions/transaction-writers.ts';

function callOf(clientId: string | null, clientAddress: string) {
  return { clientId, connection: { clientAddress } };
}

test('the client that wrote last is remembered for each producer', () => {
  const writers = new TransactionWriters();
  writers.note(7, 'txn', callOf('app-1', '10.0.0.1'));
  writers.note(8, 'other', callOf(null, '10.0.0.2'));
  const first = writers.find(7);
  expect(first).toEqual({ transactionalId: 'txn', clientId: 'app-1', address: '10.0.0.1' });
  writers.note(7, 'txn', callOf('app-1', '10.0.0.1'));
  expect(writers.find(7)).toBe(first);
  writers.note(7, 'txn', callOf('app-2', '10.0.0.3'));
  expect(writers.find(7)).toMatchObject({ clientId: 'app-2', address: '10.0.0.3' });
  expect(writers.find(8)).toMatchObject({ clientId: '' });
  expect(writers.find(9)).toBeUndefined();
});

test('of too many producers the oldest is forgotten, and comes back with its next batch', () => {
  const writers = new TransactionWriters(2);
  for (const id of [1, 2, 3]) writers.note(id, `txn-${id}`, callOf('app', '10.0.0.1'));
  expect([1, 2, 3].map((id) => writers.find(id) !== undefined)).toEqual([false, true, true]);
  writers.note(1, 'txn-1', callOf('app', '10.0.0.1'));
  expect(writers.find(1)).toMatchObject({ transactionalId: 'txn-1' });
});
