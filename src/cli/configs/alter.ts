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
  await withAdmin(given, (admin) => admin.configs.alter(entity, changes, validateOnly));
  if (isJson) await writeJson({ validateOnly, changes });
  else await write(validateOnly ? 'the change is valid\n' : 'changed\n');
  return 0;
}
