import type { AclFilter } from '../../client/admin/acl.ts';
import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { remark, wantsJson, write, writeJson } from '../output.ts';
import { EXIT_FAILED } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { byResource } from './acl-text.ts';
import { filterOf } from './list.ts';
import { entriesOf } from './wanted-acls.ts';

/** Removes the rules that the options tell. Without a principal they are all of the resource. */
export async function removeAcls(given: CommandArguments): Promise<number> {
  const filters = [...entriesOf(given)].flatMap(([resource, entries]): AclFilter[] => {
    const about = filterOf(resource);
    if (entries.length === 0) return [about];
    return entries.map(({ operation, permission, ...who }) => {
      if (operation === 'unknown' || permission === 'unknown') return { ...about, ...who };
      return { ...about, ...who, operation, permission };
    });
  });
  const outcomes = await withAdmin(given, (admin) => admin.acls.delete(filters));
  const deleted = filters.flatMap((filter) => required(outcomes.get(filter)));
  const gone = deleted.filter(({ error }) => error === null).map(({ acl }) => acl);
  if (wantsJson(given)) await writeJson(gone);
  else if (gone.length === 0) remark('millrace: no such ACL');
  for (const [resource, entries] of wantsJson(given) ? [] : byResource(gone)) {
    const lines = entries.map((entry) => `\t${entry}\n`);
    await write(`Removed ACLs for resource \`${resource}\`:\n${lines.join('')}\n`);
  }
  for (const { error } of deleted) if (error !== null) remark(`millrace: ${error.message}`);
  return deleted.some(({ error }) => error !== null) ? EXIT_FAILED : 0;
}
