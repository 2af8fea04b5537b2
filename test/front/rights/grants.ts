import {
  ACL_OPERATION,
  ACL_PATTERN,
  ACL_PERMISSION,
  ACL_RESOURCE,
  CLUSTER_RESOURCE_NAME,
} from '../../../src/metadata/acl-rule.ts';

/** The kinds of resource whose rights are varied; the rights on the other kinds stay as they are. */
export type Varied = 'topic' | 'group' | 'transaction' | 'cluster' | 'user' | 'token';

/** Every name of a resource that rights are varied on begins so. */
export const PREFIX = 'vary';

const { LITERAL, PREFIXED } = ACL_PATTERN;
const { ALLOW, DENY } = ACL_PERMISSION;
const { ALL } = ACL_OPERATION;

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
}

export interface Rule extends Resource {
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

const onPrefix = (resourceType: number, resourceName = PREFIX): Resource => {
  return { resourceType, resourceName, resourcePatternType: PREFIXED };
};
const onAll = (resourceType: number, resourceName = '*'): Resource => {
  return { resourceType, resourceName, resourcePatternType: LITERAL };
};

const { TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, DELEGATION_TOKEN, USER } = ACL_RESOURCE;

/** What is varied, and which other kinds of resource everything is allowed on meanwhile. */
const RESOURCES: Readonly<Record<Varied, { varied: Resource; others: readonly number[] }>> = {
  topic: { varied: onPrefix(TOPIC), others: [GROUP, TRANSACTIONAL_ID] },
  group: { varied: onPrefix(GROUP), others: [TOPIC, TRANSACTIONAL_ID] },
  transaction: { varied: onPrefix(TRANSACTIONAL_ID), others: [TOPIC, GROUP] },
  cluster: { varied: onAll(CLUSTER, CLUSTER_RESOURCE_NAME), others: [] },
  user: { varied: onPrefix(USER, `User:${PREFIX}`), others: [] },
  token: { varied: onAll(DELEGATION_TOKEN), others: [] },
};

export const VARIED = Object.keys(RESOURCES) as readonly Varied[];

const SINGLE = Object.keys(ACL_OPERATION).filter((name) => {
  return name !== 'ALL' && name !== 'TWO_PHASE_COMMIT';
}) as (keyof typeof ACL_OPERATION)[];

/** Nothing, everything, each operation alone, and everything but one operation, which is denied. */
export const GRANTS: readonly string[] = [
  'none',
  'all',
  ...SINGLE.map((name) => `only_${name}`),
  ...SINGLE.map((name) => `but_${name}`),
];

export function userOf(varied: Varied, grant: string): string {
  return `${varied}_${grant}`;
}

/** What such a user is allowed and denied. */
export function rulesOf(varied: Varied, grant: string): Rule[] {
  const resources = RESOURCES[varied];
  const rule = (on: Resource, operation: number, permissionType: number): Rule => {
    return {
      ...on,
      principal: `User:${userOf(varied, grant)}`,
      host: '*',
      operation,
      permissionType,
    };
  };
  const rules = resources.others.map((type) => rule(onAll(type), ALL, ALLOW));
  const [how, name] = /^(only|but)_(.*)$/.exec(grant)?.slice(1) ?? [grant];
  const operation = ACL_OPERATION[name as keyof typeof ACL_OPERATION];
  if (how === 'all' || how === 'but') rules.push(rule(resources.varied, ALL, ALLOW));
  if (how === 'but') rules.push(rule(resources.varied, operation, DENY));
  if (how === 'only') rules.push(rule(resources.varied, operation, ALLOW));
  return rules;
}
