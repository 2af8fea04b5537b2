import type { Acl } from '../../client/admin/acl.ts';

type Resource = Pick<Acl, 'resourceType' | 'resourceName' | 'patternType'>;
type Entry = Pick<Acl, 'principal' | 'host' | 'operation' | 'permission'>;

/** A resource as kafka-acls prints it: scripts read it. */
export function resourceText({ resourceType, resourceName, patternType }: Resource): string {
  const [type, pattern] = [resourceType, patternType].map(constant);
  return `ResourcePattern(resourceType=${type}, name=${resourceName}, patternType=${pattern})`;
}

export function entryText({ principal, host, operation, permission }: Entry): string {
  const [what, right] = [operation, permission].map(constant);
  return `(principal=${principal}, host=${host}, operation=${what}, permissionType=${right})`;
}

function constant(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}

/** Rules by the resource that they are about, both in the order of their texts. */
export function byResource(acls: readonly Acl[]): [resource: string, entries: string[]][] {
  const found = new Map<string, string[]>();
  for (const acl of acls) {
    const resource = resourceText(acl);
    found.set(resource, [...(found.get(resource) ?? []), entryText(acl)]);
  }
  for (const entries of found.values()) entries.sort();
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}
