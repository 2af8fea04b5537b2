import type { BrokerConfig, ConfigTexts } from './broker-config.ts';
import { errorOfValue, numberOf } from './config-value.ts';
import { GROUP_CONFIGS } from './definitions.ts';
import { synonymsOfGroupConfig } from './synonyms.ts';

/** A group's configuration in force, for groups of the consumer protocol. */
export interface GroupConfig {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignmentIntervalMs: number;
}

/** A group's own value is kept within the broker's limits, which may have changed since. */
export function resolveGroupConfig(overrides: ConfigTexts, broker: BrokerConfig): GroupConfig {
  const value = (name: string): number => {
    const own = overrides.get(name);
    if (own === undefined) return broker.number(`group.${name}`);
    const [min, max] = boundsOf(name)!;
    return Math.max(broker.number(min), Math.min(broker.number(max), numberOf(own)));
  };
  return {
    sessionTimeoutMs: value('consumer.session.timeout.ms'),
    heartbeatIntervalMs: value('consumer.heartbeat.interval.ms'),
    assignmentIntervalMs: value('consumer.assignment.interval.ms'),
  };
}

/** `consumer.x` lies between `group.consumer.min.x` and `group.consumer.max.x`. */
function boundsOf(name: string): [string, string] | null {
  if (synonymsOfGroupConfig(name).length === 0) return null;
  const dot = name.indexOf('.');
  const kind = name.slice(0, dot);
  const rest = name.slice(dot + 1);
  return [`group.${kind}.min.${rest}`, `group.${kind}.max.${rest}`];
}

/** What is wrong with the values of a group taken together, or null. */
export function errorOfGroupConfig(texts: ConfigTexts, broker: BrokerConfig): string | null {
  for (const [name, value] of texts) {
    const definition = GROUP_CONFIGS.get(name);
    if (definition === undefined) return `Unknown group config name: ${name}`;
    const error = errorOfValue(definition, value) ?? errorOfBounds(name, value, broker);
    if (error !== null) return error;
  }
  const sessionMs = numberOr(texts, 'consumer.session.timeout.ms', broker);
  const heartbeatMs = numberOr(texts, 'consumer.heartbeat.interval.ms', broker);
  if (sessionMs > heartbeatMs) return null;
  return 'consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms';
}

function numberOr(texts: ConfigTexts, name: string, broker: BrokerConfig): number {
  const own = texts.get(name);
  return own === undefined ? broker.number(`group.${name}`) : numberOf(own);
}

function errorOfBounds(name: string, value: string, broker: BrokerConfig): string | null {
  const bounds = boundsOf(name);
  if (bounds === null) return null;
  const [min, max] = bounds;
  // Some limits do not exist: there is no minimum of standby replicas for streams groups.
  if (broker.knows(min) && numberOf(value) < broker.number(min)) {
    return `${name} must be greater than or equal to ${min}`;
  }
  const greatest =
    name === 'streams.num.standby.replicas' ? 'group.streams.max.standby.replicas' : max;
  if (broker.knows(greatest) && numberOf(value) > broker.number(greatest)) {
    return `${name} must be less than or equal to ${greatest}`;
  }
  return null;
}
