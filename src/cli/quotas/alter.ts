import { required } from '../../client/admin/outcome.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { reportEach } from '../outcomes.ts';
import { UsageError } from '../usage-error.ts';
import { withAdmin } from '../with-admin.ts';
import { quotaEntityOf, quotaEntityText } from './quota-entity.ts';

export async function alterQuotas(given: CommandArguments): Promise<number> {
  const entity = quotaEntityOf(given);
  if (Object.keys(entity).length === 0) {
    throw new UsageError('quotas alter: for whom? --user, --client-id, --ip or their defaults');
  }
  const values: Record<string, number | null> = {};
  for (const [name, text] of given.pairs('add')) {
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) {
      throw new UsageError(`--add ${name}=${text}: expected a number`);
    }
    values[name] = value;
  }
  for (const name of given.texts('delete')) values[name.trim()] = null;
  if (Object.keys(values).length === 0)
    throw new UsageError('quotas alter: --add or --delete what?');
  const validateOnly = given.has('validate-only');
  return withAdmin(given, (admin) =>
    reportEach(given, [quotaEntityText(entity)], async () => {
      const outcomes = await admin.quotas.alter([{ entity, values }], { validateOnly });
      required(outcomes.get(entity));
      return validateOnly ? 'valid for' : 'altered';
    }),
  );
}
