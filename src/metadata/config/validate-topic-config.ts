import type { BrokerConfig, ConfigTexts } from './broker-config.ts';
import { booleanOf, errorOfValue, numberOf } from './config-value.ts';
import { TOPIC_CONFIGS } from './definitions.ts';
import { topicConfigText } from './topic-config.ts';

/** What is wrong with a topic's own values, in Kafka's words, or null. */
export function errorOfTopicConfig(texts: ConfigTexts, broker: BrokerConfig): string | null {
  for (const [name, value] of texts) {
    const definition = TOPIC_CONFIGS.get(name);
    if (definition === undefined) return `Unknown topic config name: ${name}`;
    const error = errorOfValue(definition, value);
    if (error !== null) return error;
  }
  if (booleanOf(texts.get('remote.storage.enable') ?? 'false')) {
    const why = 'Topic cannot be configured with remote log storage.';
    return `Tiered Storage functionality is disabled in the broker. ${why}`;
  }
  const inForce = (name: string) => numberOf(topicConfigText(name, texts, broker) ?? '0');
  const leastMs = inForce('min.compaction.lag.ms');
  const greatestMs = inForce('max.compaction.lag.ms');
  if (leastMs <= greatestMs) return null;
  const names = ['min.compaction.lag.ms', 'max.compaction.lag.ms'];
  return `conflict topic config setting ${names[0]} (${leastMs}) > ${names[1]} (${greatestMs})`;
}
