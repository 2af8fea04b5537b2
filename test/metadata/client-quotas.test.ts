import { describe, expect, it } from 'vitest';
import { describeQuotas, planAlterQuota } from '../../src/metadata/client-quotas.ts';
import { ImageDraft } from '../../src/metadata/image-draft.ts';

const set = (key: string, value: number) => [{ key, value, remove: false }];
const user = (name: string | null) => ({ type: 'user', name });

describe('planAlterQuota', () => {
  it('writes one record with the entity in order', () => {
    const parts = [user('u'), { type: 'client-id', name: null }];
    expect(planAlterQuota(parts, set('producer_byte_rate', 10)).records).toEqual([
      {
        type: 'quota',
        entity: [
          ['client-id', null],
          ['user', 'u'],
        ],
        changes: [['producer_byte_rate', 10]],
      },
    ]);
  });

  it.each<[string, Parameters<typeof planAlterQuota>[0], string, number]>([
    ['Invalid empty client quota entity', [], 'producer_byte_rate', 1],
    ['duplicate entity entry user', [user('a'), user('b')], 'producer_byte_rate', 1],
    ['Unhandled client quota entity type: x', [{ type: 'x', name: 'a' }], 'producer_byte_rate', 1],
    ['Empty user not supported', [user('')], 'producer_byte_rate', 1],
    ['not a valid IP', [{ type: 'ip', name: 'nowhere' }], 'connection_creation_rate', 1],
    ['combined', [{ type: 'ip', name: '::1' }, user('a')], 'connection_creation_rate', 1],
    ['Invalid configuration key nope', [user('a')], 'nope', 1],
    ['must be greater than 0', [user('a')], 'producer_byte_rate', 0],
    ['must be greater than 0', [user('a')], 'request_percentage', Number.NaN],
    ['cannot be a fractional value', [user('a')], 'consumer_byte_rate', 1.5],
    ['too large for a INT', [{ type: 'ip', name: null }], 'connection_creation_rate', 2 ** 31],
  ])('answers "%s"', (message, parts, key, value) => {
    const { refused, records } = planAlterQuota(parts, set(key, value));
    expect(refused).toMatchObject({ errorCode: 42, message: expect.stringContaining(message) });
    expect(records).toEqual([]);
  });
});

describe('describeQuotas', () => {
  const image = ImageDraft.empty();
  for (const [entity, value] of [
    [[['user', 'a']], 1],
    [[['user', null]], 2],
    [
      [
        ['client-id', 'c'],
        ['user', 'a'],
      ],
      3,
    ],
    [[['ip', '::1']], 4],
  ] as const) {
    image.apply({ type: 'quota', entity, changes: [['producer_byte_rate', value]] });
  }
  const found = (filters: [string, number, string | null][], strict = false) => {
    const list = filters.map(([type, matchType, match]) => ({ type, matchType, match }));
    const answer = describeQuotas(image, list, strict);
    if (answer.refused !== null) return answer.refused.errorCode;
    return answer.quotas.map(({ values }) => values.get('producer_byte_rate')).sort();
  };

  it('matches by name, default and type, strictly or not', () => {
    expect(found([])).toEqual([1, 2, 3, 4]);
    expect(found([['user', 0, 'a']])).toEqual([1, 3]);
    expect(found([['user', 0, 'a']], true)).toEqual([1]);
    expect(found([['user', 1, null]])).toEqual([2]);
    expect(found([['user', 2, null]])).toEqual([1, 2, 3]);
    expect(
      found([
        ['user', 2, null],
        ['client-id', 0, 'c'],
      ]),
    ).toEqual([3]);
  });

  it('refuses filters that make no sense', () => {
    expect(found([['', 0, 'a']])).toBe(42);
    expect(found([['x', 0, 'a']])).toBe(35);
    expect(found([['user', 7, 'a']])).toBe(42);
    expect(found([['user', 0, null]])).toBe(42);
    expect(
      found([
        ['user', 2, null],
        ['ip', 2, null],
      ]),
    ).toBe(42);
    expect(
      found([
        ['user', 2, null],
        ['user', 1, null],
      ]),
    ).toBe(42);
  });
});
