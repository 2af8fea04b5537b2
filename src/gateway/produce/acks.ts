import { badValue } from '../command/fields.ts';

export const ACKS_ALL = -1;

/** The field `acks` of a command or of a query. In a query every value is text. */
export function parseAcks(value: unknown, path: string): number {
  if (value === undefined || value === 1 || value === '1') return 1;
  if (value === 0 || value === '0') return 0;
  if (value === 'all' || value === -1) return ACKS_ALL;
  throw badValue(path, 'must be 0, 1 or "all"');
}
