import type { Topic } from '../../client/serde/topic.ts';
import { nameOfTopic } from '../topology/name-of-topic.ts';
import { type TopicFunction, topicChooser } from '../topology/topic-function.ts';
import { SinkNode } from './graph/sink-node.ts';
import { operatorName } from './operator-name.ts';
import type { SinkOptions } from './operator-options.ts';
import type { Serdes } from './serdes.ts';
import { required } from './store-specs.ts';
import type { StreamParts } from './stream-parts.ts';
import { windowedPartitioner } from './windowed-partitioner.ts';

// biome-ignore lint/suspicious/noExplicitAny: types are checked by the caller.
type AnyTarget = Topic<any, any, any, any> | string | TopicFunction<never, never>;
type Options = SinkOptions & Serdes;

/** Ends a stream in a topic. */
export function toTopic(parts: StreamParts, target: AnyTarget, options: Options): void {
  const { graph } = parts;
  const name = operatorName(graph, options.name, 'KSTREAM-SINK-');
  const types = typeof target === 'object' ? target : undefined;
  const key = required(options.key ?? types?.key ?? parts.key, 'keys', name);
  const value = required(options.value ?? types?.value ?? parts.value, 'values', name);
  const partitioner = options.partitioner ?? windowedPartitioner(key);
  const topic = typeof target === 'function' ? topicChooser(target) : nameOfTopic(target);
  graph.add(parts.node, new SinkNode(name, topic, { key, value, partitioner }));
}
