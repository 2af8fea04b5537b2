import { type BrokerConfig, brokerConfigDefinition, type ConfigTexts } from './broker-config.ts';
import {
  CONFIG_SOURCE,
  CONFIG_TYPE_CODE,
  type ConfigDefinition,
  type ConfigDefinitions,
} from './config-definition.ts';
import { BROKER_CONFIGS, GROUP_CONFIGS, TOPIC_CONFIGS } from './definitions.ts';
import {
  convertSynonym,
  type Synonym,
  synonymsOfBrokerConfig,
  synonymsOfGroupConfig,
  synonymsOfTopicConfig,
} from './synonyms.ts';

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

/** One line of a DescribeConfigs answer. */
export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly source: number;
  readonly isSensitive: boolean;
  readonly synonyms: readonly ConfigSynonym[];
  readonly type: number;
  readonly documentation: string;
}

/** Null or empty `names` ask for all. Unknown names are left out, as in Kafka. */
type AskedNames = readonly string[] | null;

export function describeTopicConfig(
  overrides: ConfigTexts,
  broker: BrokerConfig,
  names: AskedNames,
): ConfigEntry[] {
  return selected(TOPIC_CONFIGS, names, overrides).map((definition) =>
    layeredEntry(definition, overrides, broker, {
      source: CONFIG_SOURCE.TOPIC,
      synonyms: synonymsOfTopicConfig(definition.name),
    }),
  );
}

export function describeGroupConfig(
  overrides: ConfigTexts,
  broker: BrokerConfig,
  names: AskedNames,
): ConfigEntry[] {
  return selected(GROUP_CONFIGS, names, overrides).map((definition) =>
    layeredEntry(definition, overrides, broker, {
      source: CONFIG_SOURCE.GROUP,
      synonyms: synonymsOfGroupConfig(definition.name),
    }),
  );
}

interface Layer {
  readonly source: number;
  readonly synonyms: readonly Synonym[];
}

/** The values of a topic or group: its own first, then those that it gets from the broker. */
function layeredEntry(
  definition: ConfigDefinition,
  overrides: ConfigTexts,
  broker: BrokerConfig,
  layer: Layer,
): ConfigEntry {
  const own = overrides.get(definition.name);
  const levels = broker.levels(layer.synonyms);
  const synonyms: ConfigSynonym[] = levels.map(({ name, value, source }) => ({
    name,
    value,
    source,
  }));
  if (own !== undefined) {
    synonyms.unshift({ name: definition.name, value: own, source: layer.source });
  }
  const inherited =
    levels[0] === undefined
      ? definition.defaultValue
      : convertSynonym(levels[0].value, levels[0].factor);
  return {
    name: definition.name,
    value: own ?? inherited,
    readOnly: false,
    source: synonyms[0]?.source ?? CONFIG_SOURCE.DEFAULT,
    isSensitive: false,
    synonyms,
    type: CONFIG_TYPE_CODE[definition.type],
    documentation: definition.documentation,
  };
}

export function describeBrokerConfig(broker: BrokerConfig, names: AskedNames): ConfigEntry[] {
  return selected(BROKER_CONFIGS, names, broker.setNames).map((definition) => {
    const isSensitive = definition.type === 'PASSWORD';
    const synonyms = broker
      .levels(synonymsOfBrokerConfig(definition.name))
      .map(({ name, value, source }) => ({ name, value: isSensitive ? null : value, source }));
    return {
      name: definition.name,
      value: isSensitive ? null : broker.text(definition.name),
      readOnly: definition.mode === 'read-only',
      source: synonyms[0]?.source ?? CONFIG_SOURCE.DEFAULT,
      isSensitive,
      synonyms,
      type: CONFIG_TYPE_CODE[definition.type],
      documentation: definition.documentation,
    };
  });
}

/** The broker resource without a name: only the values that are set for all brokers. */
export function describeDefaultBrokerConfig(forAll: ConfigTexts, names: AskedNames): ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  for (const [name, value] of forAll) {
    const definition = BROKER_CONFIGS.get(name);
    if (definition === undefined || !isAsked(name, names)) continue;
    const source = CONFIG_SOURCE.DYNAMIC_DEFAULT_BROKER;
    const isSensitive = definition.type === 'PASSWORD';
    const shown = isSensitive ? null : value;
    entries.push({
      name,
      value: shown,
      readOnly: definition.mode === 'read-only',
      source,
      isSensitive,
      synonyms: [{ name, value: shown, source }],
      type: CONFIG_TYPE_CODE[definition.type],
      documentation: definition.documentation,
    });
  }
  return entries;
}

function selected(
  definitions: ConfigDefinitions,
  names: AskedNames,
  set: Pick<ReadonlySet<string>, 'has' | 'keys'>,
): ConfigDefinition[] {
  const found: ConfigDefinition[] = [];
  for (const definition of definitions.values()) {
    if (definition.internal && !set.has(definition.name)) continue;
    if (isAsked(definition.name, names)) found.push(definition);
  }
  if (definitions !== BROKER_CONFIGS) return found;
  for (const name of set.keys()) {
    const definition = BROKER_CONFIGS.has(name) ? null : brokerConfigDefinition(name);
    if (definition !== null && isAsked(name, names)) found.push(definition);
  }
  return found;
}

function isAsked(name: string, names: AskedNames): boolean {
  return names === null || names.length === 0 || names.includes(name);
}
