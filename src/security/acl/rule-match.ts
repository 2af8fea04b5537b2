import {
  ACL_OPERATION,
  ACL_PERMISSION,
  ACL_WILDCARD,
  type AclRule,
} from '../../metadata/acl-rule.ts';

const EVERYBODY = 'User:*';

const IMPLY_DESCRIBE: ReadonlySet<number> = new Set([
  ACL_OPERATION.DESCRIBE,
  ACL_OPERATION.READ,
  ACL_OPERATION.WRITE,
  ACL_OPERATION.DELETE,
  ACL_OPERATION.ALTER,
]);

const IMPLY_DESCRIBE_CONFIGS: ReadonlySet<number> = new Set([
  ACL_OPERATION.DESCRIBE_CONFIGS,
  ACL_OPERATION.ALTER_CONFIGS,
]);

/** Whether a rule is about this client at all. */
export function isAbout(rule: AclRule, principal: string, host: string): boolean {
  if (rule.principal !== principal && rule.principal !== EVERYBODY) return false;
  return rule.host === ACL_WILDCARD || rule.host === host;
}

export function isDenial(rule: AclRule): boolean {
  return rule.permission === ACL_PERMISSION.DENY;
}

/**
 * Whether a rule is about the operation. Who may read, write, delete or alter may describe as well.
 * That holds for permissions only: who may not read may still be shown that the topic is there.
 */
export function covers(rule: AclRule, operation: number): boolean {
  if (rule.operation === ACL_OPERATION.ALL || rule.operation === operation) return true;
  if (isDenial(rule)) return false;
  if (operation === ACL_OPERATION.DESCRIBE) return IMPLY_DESCRIBE.has(rule.operation);
  if (operation === ACL_OPERATION.DESCRIBE_CONFIGS) {
    return IMPLY_DESCRIBE_CONFIGS.has(rule.operation);
  }
  return false;
}
