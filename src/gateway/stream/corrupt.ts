import { MillraceError } from '../../base/errors.ts';

/** Stored bytes that are no records, which is their producer's fault and no defect of ours. */
export function isCorrupt(thrown: unknown): boolean {
  return thrown instanceof MillraceError && thrown.code === 'MILLRACE_CORRUPT';
}
