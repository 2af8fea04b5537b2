/** Where a value comes from, by Kafka's numbers. */
export const CONFIG_SOURCES = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
] as const;

/** What a value may be, by Kafka's numbers. */
export const CONFIG_TYPES = [
  'unknown',
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const;

export type ConfigSource = (typeof CONFIG_SOURCES)[number];
export type ConfigType = (typeof CONFIG_TYPES)[number];

/** A value that stands behind an entry: the entry's own comes first. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
}

/** One name of a configuration. */
export interface ConfigEntry {
  readonly name: string;
  /** Null where it is not set or not shown. */
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly type: ConfigType;
  readonly readOnly: boolean;
  readonly sensitive: boolean;
  /** Null unless it was asked for. */
  readonly documentation: string | null;
  /** Empty unless they were asked for. */
  readonly synonyms: readonly ConfigSynonym[];
}
