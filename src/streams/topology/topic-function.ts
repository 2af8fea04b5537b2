import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { TopicChooser } from './topology-plan.ts';

/** Names the topic of a record: value first, as in all callbacks. The topic must exist. */
export type TopicFunction<K, V> = (
  value: V,
  key: K,
  record: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestamp: number;
    readonly headers: RecordHeaders;
  },
) => string;

/** The function as the tasks call it. */
export function topicChooser<K, V>(choose: TopicFunction<K, V>): TopicChooser {
  return (key, value, record) => choose(value as V, key as K, record);
}
