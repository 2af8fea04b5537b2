import type { QuotaEntity } from '../../client/admin/quota-admin.ts';
import type { OptionTable } from '../command.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

/** Whom a quota is for. A user and a client id may stand together. */
export const QUOTA_ENTITY: OptionTable = {
  user: { value: 'NAME', help: 'the user' },
  'user-defaults': { help: 'every user that has no quota of its own' },
  'client-id': { value: 'ID', help: 'clients with this id' },
  'client-defaults': { help: 'every client id that has no quota of its own' },
  ip: { value: 'ADDRESS', help: 'connections from this address' },
  'ip-defaults': { help: 'every address that has no quota of its own' },
};

const TYPES = [
  ['user', 'user', 'user-defaults'],
  ['client-id', 'client-id', 'client-defaults'],
  ['ip', 'ip', 'ip-defaults'],
] as const;

/** What the options name; empty where they name nothing. */
export function quotaEntityOf(given: CommandArguments): QuotaEntity {
  const entity: Record<string, string | null> = {};
  for (const [type, option, defaults] of TYPES) {
    const name = given.text(option);
    if (name !== undefined && given.has(defaults)) {
      throw new UsageError(`--${option} and --${defaults}: only one of both`);
    }
    if (name !== undefined) entity[type] = name;
    else if (given.has(defaults)) entity[type] = null;
  }
  return entity;
}

/** `user 'alice', client-id <default>` */
export function quotaEntityText(entity: QuotaEntity): string {
  const parts = Object.entries(entity).sort(([a], [b]) => (a < b ? 1 : -1));
  return parts.map(([type, name]) => `${type} ${name ?? '<default>'}`).join(', ');
}
