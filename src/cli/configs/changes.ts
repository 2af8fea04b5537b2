import type { ConfigChange } from '../../client/admin/config-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

/** What is to be set and what is to fall back to its default, from two options. */
export function configChanges(
  given: CommandArguments,
  setOption: string,
  deleteOption: string,
): ConfigChange[] {
  const set = given.pairs(setOption);
  const changes: ConfigChange[] = Array.from(set, ([name, value]) => ({ name, value }));
  for (const name of given.texts(deleteOption)) {
    if (set.has(name)) {
      throw new UsageError(`${name} stands in --${setOption} and in --${deleteOption}`);
    }
    changes.push({ name, value: null });
  }
  return changes;
}
