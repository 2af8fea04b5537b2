import type { ScramMechanism } from '../../client/admin/scram-admin.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { UsageError } from '../usage-error.ts';

const MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** What --mechanism says; null where it is not given. */
export function mechanismOf(given: CommandArguments): ScramMechanism | null {
  const text = given.text('mechanism');
  if (text === undefined) return null;
  const found = MECHANISMS.find((name) => name === text.toUpperCase());
  if (found === undefined) throw new UsageError(`--mechanism: one of ${MECHANISMS.join(', ')}`);
  return found;
}
