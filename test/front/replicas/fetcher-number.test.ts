import { expect, it } from 'vitest';
import { fetcherNumber } from '../../../src/front/replicas/fetcher-number.ts';

it('partitions go to the fetchers that they go to in Kafka', () => {
  // Utils.abs(31 * topic.hashCode() + partition) % fetchers
  const numbers = (topic: string, fetchers: number) => {
    return [0, 1, 2, 3].map((index) => fetcherNumber(topic, index, fetchers));
  };
  expect(numbers('a', 4)).toEqual([3, 0, 1, 2]);
  expect(numbers('a', 1)).toEqual([0, 0, 0, 0]);
  expect(numbers('__consumer_offsets', 7)).toEqual([6, 5, 4, 3]);
});
