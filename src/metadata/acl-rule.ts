/** A rule of who may do what, in Kafka's numbers. Rules are equal where all of their fields are. */
export interface AclRule {
  readonly resourceType: number;
  /** `*` of a literal rule is every resource of the type. The cluster is `kafka-cluster`. */
  readonly resourceName: string;
  readonly patternType: number;
  /** `User:alice`; `User:*` is everybody. */
  readonly principal: string;
  /** An address, or `*` for all of them. */
  readonly host: string;
  readonly operation: number;
  readonly permission: number;
}

export const ACL_RESOURCE = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

export const ACL_PATTERN = { LITERAL: 3, PREFIXED: 4 } as const;
export const ACL_PERMISSION = { DENY: 2, ALLOW: 3 } as const;

export const ACL_OPERATION = {
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;

/** A rule for people, in Kafka's words. */
export function aclText(rule: AclRule): string {
  const nameIn = (table: Readonly<Record<string, number>>, code: number) =>
    Object.keys(table).find((name) => table[name] === code) ?? String(code);
  const permission = nameIn(ACL_PERMISSION, rule.permission);
  const operation = nameIn(ACL_OPERATION, rule.operation);
  const pattern = nameIn(ACL_PATTERN, rule.patternType);
  const resource = `${nameIn(ACL_RESOURCE, rule.resourceType)}:${pattern}:${rule.resourceName}`;
  return `${permission} ${rule.principal} ${operation} on ${resource} from ${rule.host}`;
}

/** Equal rules have equal keys. */
export function aclKey(rule: AclRule): string {
  const { resourceType, resourceName, patternType, principal, host, operation } = rule;
  const names = [resourceName, principal, host];
  return JSON.stringify([resourceType, patternType, operation, rule.permission, ...names]);
}

/** Every resource, every host, and as `User:*` every principal. */
export const ACL_WILDCARD = '*';
export const CLUSTER_RESOURCE_NAME = 'kafka-cluster';
