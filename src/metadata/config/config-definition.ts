/** The numbers that DescribeConfigs uses for the type of a value. */
export const CONFIG_TYPE_CODE = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
} as const;

export type ConfigType = keyof typeof CONFIG_TYPE_CODE;

/** The numbers that DescribeConfigs uses for where a value comes from. */
export const CONFIG_SOURCE = {
  TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  GROUP: 8,
} as const;

/** `read-only` can only be set in server.properties, the others also by AlterConfigs. */
export type ConfigMode = 'read-only' | 'cluster-wide' | 'per-broker';

/**
 * `inert` is accepted and has no effect. `refused` stops the start when its value is not the
 * default, because the user expects something that millrace does not do.
 */
export type ConfigEffect = 'honoured' | 'inert' | 'refused';

export type ConfigCheck =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'range';
      readonly min: number;
      readonly max: number;
      readonly or: number | null;
    }
  | { readonly kind: 'one-of'; readonly values: readonly string[]; readonly anyCase: boolean }
  | { readonly kind: 'throttled-replicas' };

export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** As text, the way Kafka describes it, or null when there is no default. */
  readonly defaultValue: string | null;
  readonly check: ConfigCheck;
  readonly mode: ConfigMode;
  readonly effect: ConfigEffect;
  /** Known, but left out when all configurations are described. */
  readonly internal: boolean;
  readonly documentation: string;
}

export type ConfigDefinitions = ReadonlyMap<string, ConfigDefinition>;
