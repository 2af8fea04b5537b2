import type { Fields } from '../command/fields.ts';

export const ISOLATIONS = ['read_committed', 'read_uncommitted'] as const;

/** The field `isolation`: whether open and aborted transactions are left out. */
export function parseReadsCommitted(fields: Fields): boolean {
  return fields.oneOf('isolation', ISOLATIONS, 'read_committed') === 'read_committed';
}
