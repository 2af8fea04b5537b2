import { expect, it } from 'vitest';
import { internalTopicsOf } from '../../../src/cli/streams/internal-topics.ts';

const TOPICS = [
  'shop-counts-changelog',
  'shop-by-city-repartition',
  'shop-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000007-topic',
  'shop-join-subscription-response-topic',
  'shop-orders',
  'shopping-counts-changelog',
  'shop-eu-counts-changelog',
  'orders',
];

it('finds the internal topics of an application by how Kafka Streams names them', () => {
  const { own, doubtful } = internalTopicsOf('shop', TOPICS, ['shop', 'shopping']);
  expect(own).toEqual([
    'shop-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000007-topic',
    'shop-by-city-repartition',
    'shop-counts-changelog',
    'shop-eu-counts-changelog',
    'shop-join-subscription-response-topic',
  ]);
  expect(doubtful).toEqual([]);
});

it('takes none that are named after another application too', () => {
  const { own, doubtful } = internalTopicsOf('shop', TOPICS, ['shop', 'shop-eu']);
  expect(own).not.toContain('shop-eu-counts-changelog');
  expect(doubtful).toEqual(['shop-eu-counts-changelog']);
  expect(internalTopicsOf('shop-eu', TOPICS, ['shop', 'shop-eu']).own).toEqual(doubtful);
});
