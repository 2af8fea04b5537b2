import { badValue, Fields } from '../command/fields.ts';
import { NO_THINNING, type Thinning } from './record-selection.ts';

/** What happens to a subscription that is behind: see the README. */
export const POLICIES = ['wait', 'latest', 'conflate', 'sample', 'close'] as const;

export interface Policy {
  readonly when: (typeof POLICIES)[number];
  /** A cursor is behind if it is more records than this below the high watermark. */
  readonly behind: number;
  readonly every: number;
}

const BEHIND_DEFAULT = 1000;
const EVERY_DEFAULT = 10;
const EVERY_MAX = 1_000_000_000;

export const WAIT: Policy = { when: 'wait', behind: BEHIND_DEFAULT, every: EVERY_DEFAULT };

export function parsePolicy(fields: Fields): Policy {
  const value = fields.raw('policy');
  if (value === undefined) return WAIT;
  if (typeof value === 'string') {
    return { ...WAIT, when: fields.oneOf('policy', POLICIES, 'wait') };
  }
  const inner = Fields.of(value, fields.path('policy'));
  if (!inner.has('when')) throw badValue(inner.path('when'), 'must be given');
  return {
    when: inner.oneOf('when', POLICIES, 'wait'),
    behind: inner.integer('behind', 0) ?? BEHIND_DEFAULT,
    every: inner.integer('every', 1, EVERY_MAX) ?? EVERY_DEFAULT,
  };
}

export function thinningOf(policy: Policy): Thinning {
  if (policy.when === 'conflate') return { kind: 'conflate' };
  if (policy.when === 'sample') return { kind: 'sample', every: policy.every };
  return NO_THINNING;
}
