import type { Acl, AclFilter } from '../../client/admin/acl.ts';
import type { Admin } from '../../client/admin/admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, write, writeJson } from '../output.ts';
import { withAdmin } from '../with-admin.ts';
import { byResource } from './acl-text.ts';
import { type ResourceChoice, resourcesOf } from './wanted-acls.ts';

export async function listAcls(given: CommandArguments): Promise<number> {
  const resources = resourcesOf(given);
  const principals = given.texts('principal').map((text) => text.trim());
  const found = await withAdmin(given, (admin) => aclsOf(admin, resources));
  const shown = found.filter(({ principal }) => {
    return principals.length === 0 || principals.includes(principal);
  });
  if (wantsJson(given)) {
    await writeJson(shown);
    return 0;
  }
  for (const [resource, entries] of byResource(shown)) {
    const lines = entries.map((entry) => `\t${entry}\n`);
    await write(`Current ACLs for resource \`${resource}\`:\n${lines.join('')}\n`);
  }
  return 0;
}

async function aclsOf(admin: Admin, resources: readonly ResourceChoice[]): Promise<Acl[]> {
  if (resources.length === 0) return admin.acls.describe();
  const found = await Promise.all(resources.map((each) => admin.acls.describe(filterOf(each))));
  return found.flat();
}

export function filterOf({ patternType, ...resource }: ResourceChoice): AclFilter {
  return patternType === 'any' || patternType === undefined
    ? resource
    : { ...resource, patternType };
}
