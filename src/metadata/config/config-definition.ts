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

/** `read-only` may be set in server.properties alone, the others by AlterConfigs as well. */
export type ConfigMode = 'read-only' | 'cluster-wide' | 'per-broker';

/**
 * `inert` is accepted and does nothing here. `refused` stops the start when it is set to anything
 * but its default, since whoever sets it counts on something that would not happen.
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
  /** As text, the way Kafka describes it; null where there is none. */
  readonly defaultValue: string | null;
  readonly check: ConfigCheck;
  readonly mode: ConfigMode;
  readonly effect: ConfigEffect;
  /** Known, but not listed when everything is described. */
  readonly internal: boolean;
  readonly documentation: string;
}

export type ConfigDefinitions = ReadonlyMap<string, ConfigDefinition>;
