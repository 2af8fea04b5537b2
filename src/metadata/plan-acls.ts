import { ERROR } from '../base/kafka-errors.ts';
import {
  ACL_ANY,
  type AclFilter,
  isKnownOperation,
  isKnownPattern,
  isKnownPermission,
  isKnownResource,
  isMeant,
} from './acl-filter.ts';
import { ACL_PATTERN, ACL_PERMISSION, type AclRule, aclKey } from './acl-rule.ts';
import type { MetadataImage } from './image.ts';
import type { AclDeletion } from './metadata-changes.ts';
import type { MetadataRecord } from './records.ts';
import { type Refusal, refusal } from './refusal.ts';

interface AclPlan<Result> {
  readonly records: readonly MetadataRecord[];
  readonly result: readonly Result[];
}

/** Plans CreateAcls: each rule by itself. One that is there already needs no record. */
export function planCreateAcls(
  image: MetadataImage,
  rules: readonly AclRule[],
): AclPlan<Refusal | null> {
  const added = new Map<string, MetadataRecord>();
  const result = rules.map((rule) => {
    const wrong = errorOfRule(rule);
    const key = aclKey(rule);
    if (wrong === null && !image.acls.has(key)) added.set(key, { type: 'acl', rule });
    return wrong;
  });
  return { records: [...added.values()], result };
}

/** Plans DeleteAcls. A rule that two filters mean is told of twice and taken away once. */
export function planDeleteAcls(
  image: MetadataImage,
  filters: readonly AclFilter[],
): AclPlan<AclDeletion> {
  const removed = new Map<string, MetadataRecord>();
  const result = filters.map((filter) => {
    const refused = errorOfAclFilter(filter);
    if (refused !== null) return { refused, deleted: [] };
    const deleted = [...image.acls.values()].filter((rule) => isMeant(filter, rule));
    for (const rule of deleted) removed.set(aclKey(rule), { type: 'acl-removed', rule });
    return { refused: null, deleted };
  });
  return { records: [...removed.values()], result };
}

/** Why a filter means nothing: numbers that Kafka does not know. */
export function errorOfAclFilter(filter: AclFilter): Refusal | null {
  if (!isKnownResource(filter.resourceType) || !isKnownPattern(filter.patternType)) {
    return refusal(ERROR.INVALID_REQUEST, 'Unknown patternFilter.');
  }
  if (!isKnownOperation(filter.operation) || !isKnownPermission(filter.permission)) {
    return refusal(ERROR.INVALID_REQUEST, 'Unknown entryFilter.');
  }
  return null;
}

function errorOfRule(rule: AclRule): Refusal | null {
  const { resourceType, patternType, operation, permission, resourceName, principal } = rule;
  const invalid = (message: string) => refusal(ERROR.INVALID_REQUEST, message);
  if (resourceType === ACL_ANY || !isKnownResource(resourceType)) {
    return invalid(`Invalid resourceType ${resourceType}`);
  }
  if (patternType !== ACL_PATTERN.LITERAL && patternType !== ACL_PATTERN.PREFIXED) {
    return invalid(`Invalid patternType ${patternType}`);
  }
  if (operation === ACL_ANY || !isKnownOperation(operation)) {
    return invalid(`Invalid operation ${operation}`);
  }
  if (permission !== ACL_PERMISSION.DENY && permission !== ACL_PERMISSION.ALLOW) {
    return invalid(`Invalid permissionType ${permission}`);
  }
  if (resourceName === '') return invalid('Resource name should not be empty');
  if (principal.includes(':')) return null;
  return invalid(
    `Could not parse principal from \`${principal}\` ` +
      '(no colon is present separating the principal type from the principal name)',
  );
}
