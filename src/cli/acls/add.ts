import type { Acl } from '../../client/admin/acl.ts';
import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, write, writeJson } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { byResource } from './acl-text.ts';
import { entriesOf } from './wanted-acls.ts';

/** Adds rules. One that is there already stays as it is. */
export async function addAcls(given: CommandArguments): Promise<number> {
  const acls = [...entriesOf(given)].flatMap(([resource, entries]) => {
    const { patternType, ...about } = resource;
    if (patternType !== 'literal' && patternType !== 'prefixed') {
      throw new UsageError('--resource-pattern-type: a rule is literal or prefixed');
    }
    return entries.map((entry): Acl => ({ ...about, patternType, ...entry }));
  });
  if (acls.length === 0) {
    throw new UsageError('acls add: for whom? --allow-principal or --deny-principal User:NAME');
  }
  const outcomes = await withAdmin(given, (admin) => admin.acls.create(acls));
  for (const acl of acls) required(outcomes.get(acl));
  if (wantsJson(given)) {
    await writeJson(acls);
    return 0;
  }
  for (const [resource, entries] of byResource(acls)) {
    const lines = entries.map((entry) => `\t${entry}\n`);
    await write(`Adding ACLs for resource \`${resource}\`:\n${lines.join('')}\n`);
  }
  return 0;
}
