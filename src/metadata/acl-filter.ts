import { ACL_PATTERN, ACL_WILDCARD, type AclRule } from './acl-rule.ts';

/** Which rules are meant, in Kafka's numbers. Null and ANY leave a field open. */
export interface AclFilter {
  readonly resourceType: number;
  readonly resourceName: string | null;
  readonly patternType: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permission: number;
}

export const ACL_UNKNOWN = 0;
export const ACL_ANY = 1;
/** Of patterns: every rule that holds for the name, whether literal, by prefix or for all. */
const PATTERN_MATCH = 2;

/** Kafka knows resource types up to USER, and operations up to TWO_PHASE_COMMIT. */
const RESOURCE_TYPE_LAST = 7;
const OPERATION_LAST = 15;
const PERMISSION_LAST = 3;

export function isMeant(filter: AclFilter, rule: AclRule): boolean {
  return (
    fits(filter.resourceType, rule.resourceType) &&
    fits(filter.operation, rule.operation) &&
    fits(filter.permission, rule.permission) &&
    (filter.principal === null || filter.principal === rule.principal) &&
    (filter.host === null || filter.host === rule.host) &&
    isNameMeant(filter, rule)
  );
}

export function isKnownResource(type: number): boolean {
  return type > ACL_UNKNOWN && type <= RESOURCE_TYPE_LAST;
}

export function isKnownOperation(operation: number): boolean {
  return operation > ACL_UNKNOWN && operation <= OPERATION_LAST;
}

export function isKnownPermission(permission: number): boolean {
  return permission > ACL_UNKNOWN && permission <= PERMISSION_LAST;
}

export function isKnownPattern(pattern: number): boolean {
  return pattern > ACL_UNKNOWN && pattern <= ACL_PATTERN.PREFIXED;
}

function fits(wanted: number, actual: number): boolean {
  return wanted === ACL_ANY || wanted === actual;
}

function isNameMeant({ resourceName: name, patternType }: AclFilter, rule: AclRule): boolean {
  const isAnyPattern = patternType === ACL_ANY || patternType === PATTERN_MATCH;
  if (!isAnyPattern && patternType !== rule.patternType) return false;
  if (name === null || name === rule.resourceName) return true;
  if (patternType !== PATTERN_MATCH) return false;
  return rule.patternType === ACL_PATTERN.LITERAL
    ? rule.resourceName === ACL_WILDCARD
    : name.startsWith(rule.resourceName);
}
