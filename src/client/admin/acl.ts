/** Kafka's numbers of what an ACL is about. */
const RESOURCE_TYPES = {
  any: 1,
  topic: 2,
  group: 3,
  cluster: 4,
  'transactional-id': 5,
  'delegation-token': 6,
  user: 7,
} as const;
const PATTERN_TYPES = { any: 1, match: 2, literal: 3, prefixed: 4 } as const;
const OPERATIONS = {
  any: 1,
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  'cluster-action': 9,
  'describe-configs': 10,
  'alter-configs': 11,
  'idempotent-write': 12,
  'create-tokens': 13,
  'describe-tokens': 14,
  'two-phase-commit': 15,
} as const;
const PERMISSIONS = { any: 1, deny: 2, allow: 3 } as const;

export type AclResourceType = Exclude<keyof typeof RESOURCE_TYPES, 'any'>;
export type AclPatternType = Exclude<keyof typeof PATTERN_TYPES, 'any' | 'match'>;
export type AclOperation = Exclude<keyof typeof OPERATIONS, 'any'>;
export type AclPermission = Exclude<keyof typeof PERMISSIONS, 'any'>;

/** One rule: who may, or may not, do what to which resource. */
export interface Acl {
  readonly resourceType: AclResourceType | 'unknown';
  /** `*` is every one; of the cluster it is `kafka-cluster`. */
  readonly resourceName: string;
  readonly patternType: AclPatternType | 'unknown';
  /** `User:alice`, `User:*`. */
  readonly principal: string;
  /** `*` is every host. */
  readonly host: string;
  readonly operation: AclOperation | 'unknown';
  readonly permission: AclPermission | 'unknown';
}

/** Which rules are meant: what is left out may be anything. */
export interface AclFilter {
  readonly resourceType?: AclResourceType;
  readonly resourceName?: string;
  /** `match` finds all rules that hold for the name: by it, by a prefix of it, and by `*`. */
  readonly patternType?: AclPatternType | 'match';
  readonly principal?: string;
  readonly host?: string;
  readonly operation?: AclOperation;
  readonly permission?: AclPermission;
}

/** A rule as requests have it. */
export function aclNumbers(acl: Acl) {
  return {
    resourceType: numberOf(RESOURCE_TYPES, acl.resourceType),
    resourceName: acl.resourceName,
    resourcePatternType: numberOf(PATTERN_TYPES, acl.patternType),
    principal: acl.principal,
    host: acl.host,
    operation: numberOf(OPERATIONS, acl.operation),
    permissionType: numberOf(PERMISSIONS, acl.permission),
  };
}

/** A filter as requests have it. */
export function filterNumbers(filter: AclFilter) {
  return {
    resourceTypeFilter: RESOURCE_TYPES[filter.resourceType ?? 'any'],
    resourceNameFilter: filter.resourceName ?? null,
    patternTypeFilter: PATTERN_TYPES[filter.patternType ?? 'any'],
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: OPERATIONS[filter.operation ?? 'any'],
    permissionType: PERMISSIONS[filter.permission ?? 'any'],
  };
}

/** A rule out of an answer. A number that this client does not know is `unknown`. */
export function aclOf(answer: {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}): Acl {
  const { resourceName, principal, host } = answer;
  return {
    resourceType: nameOf<AclResourceType>(RESOURCE_TYPES, answer.resourceType),
    resourceName,
    patternType: nameOf<AclPatternType>(PATTERN_TYPES, answer.patternType),
    principal,
    host,
    operation: nameOf<AclOperation>(OPERATIONS, answer.operation),
    permission: nameOf<AclPermission>(PERMISSIONS, answer.permissionType),
  };
}

/** For errors. */
export function aclText(acl: Acl): string {
  const { principal, permission, operation, resourceType, resourceName } = acl;
  return `ACL '${principal} ${permission} ${operation} ${resourceType} ${resourceName}'`;
}

function nameOf<Name extends string>(table: object, code: number): Name | 'unknown' {
  const found = Object.entries(table).find(([, number]) => number === code);
  return (found?.[0] ?? 'unknown') as Name | 'unknown';
}

function numberOf(table: Readonly<Record<string, number>>, name: string): number {
  return table[name] ?? 0;
}
