import type { TopicView } from './topic-view.ts';

const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;
/** Another start gives another, independent half. */
const OTHER_BASIS = 0x2545f491;
const LOW_BITS = 0x100000000;
/** The high half is cut so that the whole is a safe integer. */
const HIGH_MASK = 0x1fffff;

/**
 * A hash of all topics of a group; 0 where there is none. A change of it makes the target
 * assignment out of date. Kafka's hash is another one, so a group that moves between the brokers
 * gets one more assignment.
 */
export function metadataHashOf(topics: TopicView, names: Iterable<string>): number {
  let low = FNV_BASIS;
  let high = OTHER_BASIS;
  let hasTopic = false;
  for (const name of [...names].sort()) {
    const id = topics.topicId(name);
    if (id === undefined) continue;
    hasTopic = true;
    const text = `${name}/${id}/${topics.partitionCount(name)};`;
    low = mix(low, text);
    high = mix(high, text);
  }
  return hasTopic ? (high & HIGH_MASK) * LOW_BITS + low : 0;
}

function mix(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}
