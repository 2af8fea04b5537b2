import { chosenByHash } from '../../base/chosen-by-hash.ts';
import { javaHash } from '../../base/java-hash.ts';

/** Which of `num.replica.fetchers` copies a partition, as Kafka's brokers choose it. */
export function fetcherNumber(topic: string, index: number, fetchers: number): number {
  return chosenByHash((Math.imul(31, javaHash(topic)) + index) | 0, fetchers);
}
