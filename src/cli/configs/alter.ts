import type { Admin } from '../../client/admin/admin.ts';
import type { ConfigChange } from '../../client/admin/config-admin.ts';
import type { ConfigResource } from '../../client/admin/config-resource.ts';
import { allRequired } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { wantsJson, write, writeJson } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { configChanges } from './changes.ts';
import { configEntity } from './entity.ts';

export async function alterConfigs(given: CommandArguments): Promise<number> {
  const isJson = wantsJson(given);
  const entity = configEntity(given);
  const changes = configChanges(given, 'add', 'delete');
  if (changes.length === 0) throw new UsageError('configs alter: expected --add or --delete');
  const validateOnly = given.has('validate-only');
  await withAdmin(given, async (admin) => {
    await refuseUnknown(admin, entity, changes);
    const altered = [{ resource: entity, changes }];
    allRequired(await admin.configs.alter(altered, { validateOnly }));
  });
  if (isJson) await writeJson({ validateOnly, changes });
  else await write(validateOnly ? 'the change is valid\n' : 'changed\n');
  return 0;
}

/** Brokers accept the deletion of any name, so a misspelt one would seem to succeed. */
async function refuseUnknown(
  admin: Admin,
  entity: ConfigResource,
  changes: readonly ConfigChange[],
): Promise<void> {
  const deleted = changes.filter(({ value }) => value === null);
  if (deleted.length === 0) return;
  const entries = allRequired(await admin.configs.describe([entity])).flat();
  const known = new Set(entries.map(({ name }) => name));
  const unknown = deleted.find(({ name }) => !known.has(name));
  if (unknown === undefined) return;
  // Of the defaults of all brokers only those are described that are set.
  const what = entity.name === '' ? 'it is not set' : 'there is no such configuration';
  throw new UsageError(`--delete ${unknown.name}: ${what}`);
}
