import type { Admin } from '../../client/admin.ts';
import type { ConfigChange, ConfigResource } from '../../client/config-admin.ts';
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
    await admin.configs.alter(entity, changes, validateOnly);
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
  const known = new Set((await admin.configs.describe(entity)).map(({ name }) => name));
  const unknown = deleted.find(({ name }) => !known.has(name));
  if (unknown === undefined) return;
  // Of the defaults of all brokers only those are described that are set.
  const what = entity.name === '' ? 'it is not set' : 'there is no such configuration';
  throw new UsageError(`--delete ${unknown.name}: ${what}`);
}
