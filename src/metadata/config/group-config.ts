import type { BrokerConfig, ConfigTexts } from './broker-config.ts';
import { errorOfValue, numberOf } from './config-value.ts';
import { GROUP_CONFIGS } from './definitions.ts';
import { synonymsOfGroupConfig } from './synonyms.ts';

/** A group's configuration in force: for groups of the consumer protocol, and streams groups. */
export interface GroupConfig {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignmentIntervalMs: number;
  readonly streams: StreamsGroupConfig;
}

export interface StreamsGroupConfig {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignmentIntervalMs: number;
  readonly initialRebalanceDelayMs: number;
  readonly standbyReplicas: number;
}

/** A group's own value is kept within the broker's limits, which may have changed since. */
export function resolveGroupConfig(overrides: ConfigTexts, broker: BrokerConfig): GroupConfig {
  const value = (name: string): number => {
    const own = overrides.get(name);
    if (own === undefined) return broker.number(`group.${name}`);
    const [min, max] = boundsOf(name)!;
    const value = broker.knows(max) ? Math.min(broker.number(max), numberOf(own)) : numberOf(own);
    return broker.knows(min) ? Math.max(broker.number(min), value) : value;
  };
  return {
    sessionTimeoutMs: value('consumer.session.timeout.ms'),
    heartbeatIntervalMs: value('consumer.heartbeat.interval.ms'),
    assignmentIntervalMs: value('consumer.assignment.interval.ms'),
    streams: {
      sessionTimeoutMs: value('streams.session.timeout.ms'),
      heartbeatIntervalMs: value('streams.heartbeat.interval.ms'),
      assignmentIntervalMs: value('streams.assignment.interval.ms'),
      initialRebalanceDelayMs: value('streams.initial.rebalance.delay.ms'),
      standbyReplicas: value('streams.num.standby.replicas'),
    },
  };
}

/**
 * `consumer.x` lies between `group.consumer.min.x` and `group.consumer.max.x`. Some of these do not
 * exist: there is no minimum of standby replicas for streams groups.
 */
function boundsOf(name: string): [string, string] | null {
  if (synonymsOfGroupConfig(name).length === 0) return null;
  const dot = name.indexOf('.');
  const kind = name.slice(0, dot);
  const rest = name.slice(dot + 1);
  const isStandbys = name === 'streams.num.standby.replicas';
  const max = isStandbys ? 'group.streams.max.standby.replicas' : `group.${kind}.max.${rest}`;
  return [`group.${kind}.min.${rest}`, max];
}

/** What is wrong with the values of a group taken together, or null. */
export function errorOfGroupConfig(texts: ConfigTexts, broker: BrokerConfig): string | null {
  for (const [name, value] of texts) {
    const definition = GROUP_CONFIGS.get(name);
    if (definition === undefined) return `Unknown group config name: ${name}`;
    const error = errorOfValue(definition, value) ?? errorOfBounds(name, value, broker);
    if (error !== null) return error;
  }
  return errorOfTimes('consumer', texts, broker) ?? errorOfTimes('streams', texts, broker);
}

function errorOfTimes(kind: string, texts: ConfigTexts, broker: BrokerConfig): string | null {
  const session = `${kind}.session.timeout.ms`;
  const heartbeat = `${kind}.heartbeat.interval.ms`;
  if (numberOr(texts, session, broker) > numberOr(texts, heartbeat, broker)) return null;
  return `${session} must be greater than ${heartbeat}`;
}

function numberOr(texts: ConfigTexts, name: string, broker: BrokerConfig): number {
  const own = texts.get(name);
  return own === undefined ? broker.number(`group.${name}`) : numberOf(own);
}

function errorOfBounds(name: string, value: string, broker: BrokerConfig): string | null {
  const bounds = boundsOf(name);
  if (bounds === null) return null;
  const [min, max] = bounds;
  if (broker.knows(min) && numberOf(value) < broker.number(min)) {
    return `${name} must be greater than or equal to ${min}`;
  }
  if (broker.knows(max) && numberOf(value) > broker.number(max)) {
    return `${name} must be less than or equal to ${max}`;
  }
  return null;
}
