import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { TopologyError } from '../../topology/topology-error.ts';

const GENERATED_STORE = /-\d{10}(-store)?$/;
const GENERATED_TOPIC = /-\d{10}-(repartition|topic)$/;

/**
 * Stores and internal topics with generated names move when an operator is put in before them, and
 * what they held is left behind (Kafka's `ensure.explicit.internal.resource.naming`).
 */
export function checkNames(builder: TopologyBuilder): void {
  const stores = [...builder.stores.keys()].filter((name) => GENERATED_STORE.test(name));
  const topics = [...builder.internalTopics.keys()].filter((name) => GENERATED_TOPIC.test(name));
  const found = [
    ...stores.map((name) => `state store ${name}`),
    ...topics.map((name) => `topic ${name}`),
  ];
  if (found.length === 0) return;
  throw new TopologyError(`These have not been named: ${found.join(', ')}.`);
}
