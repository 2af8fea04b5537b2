/** Kafka's numbers of what carries configuration. */
const TYPES = { topic: 2, broker: 4, 'broker-logger': 8, 'client-metrics': 16, group: 32 } as const;

export type ConfigResourceType = keyof typeof TYPES;

/** What carries configuration. */
export interface ConfigResource {
  readonly type: ConfigResourceType;
  /** Of brokers the id, or '' for the defaults of all. */
  readonly name: string;
}

export function resourceTypeNumber(type: ConfigResourceType): number {
  return TYPES[type];
}

export function resourceTypeName(code: number): ConfigResourceType {
  const known = Object.entries(TYPES).find(([, number]) => number === code);
  return (known?.[0] ?? 'topic') as ConfigResourceType;
}

export function resourceKey({ type, name }: ConfigResource): string {
  return `${TYPES[type]}/${name}`;
}

/** For errors. */
export function resourceText({ type, name }: ConfigResource): string {
  if (type === 'broker' && name === '') return 'defaults of the brokers';
  return `${type.replace('-', ' ')} ${name}`;
}
