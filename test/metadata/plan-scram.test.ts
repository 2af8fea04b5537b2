import { describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { ImageDraft } from '../../src/metadata/image-draft.ts';
import { recordsOf } from '../../src/metadata/image-records.ts';
import { planAlterScram, type ScramUpsertion } from '../../src/metadata/plan-scram.ts';

const SHA_256 = 1;

function upsertion(name: string, more: Partial<ScramUpsertion> = {}): ScramUpsertion {
  const bytes = { salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32, 7) };
  return { name, mechanism: SHA_256, iterations: 4096, ...bytes, ...more };
}

function imageWith(...names: string[]): ImageDraft {
  const image = ImageDraft.empty();
  const { records } = planAlterScram(
    image,
    [],
    names.map((name) => upsertion(name)),
  );
  for (const record of records) image.apply(record);
  return image;
}

describe('credentials of SCRAM', () => {
  it('are kept as keys, from which the salted password cannot be had', () => {
    const image = imageWith('alice');
    const text = JSON.stringify([...recordsOf(image)]);
    expect(text).toContain('"user":"alice"');
    expect(text).not.toContain(Buffer.alloc(32, 7).toString('base64'));
    const copy = ImageDraft.empty();
    for (const record of recordsOf(image)) copy.apply(record);
    expect([...copy.scramCredentials]).toEqual([...image.scramCredentials]);
  });

  it('are taken away', () => {
    const image = imageWith('alice', 'bob');
    const plan = planAlterScram(image, [{ name: 'alice', mechanism: SHA_256 }], []);
    for (const record of plan.records) image.apply(record);
    expect([...image.scramCredentials.values()].map(({ user }) => user)).toEqual(['bob']);
  });

  it.each([
    ['', {}, ERROR.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty'],
    ['a', { iterations: 4095 }, ERROR.UNACCEPTABLE_CREDENTIAL, 'Too few iterations'],
    ['a', { iterations: 16_385 }, ERROR.UNACCEPTABLE_CREDENTIAL, 'Too many iterations'],
    ['a', { mechanism: 0 }, ERROR.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism'],
    ['a', { mechanism: 3 }, ERROR.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism'],
  ])('are refused for user %j with %j', (name, more, errorCode, message) => {
    const { records, result } = planAlterScram(imageWith(), [], [upsertion(name, more)]);
    expect(records).toEqual([]);
    expect(result).toEqual([{ user: name, refused: { errorCode, message } }]);
  });

  it('that are not there cannot be taken away, and a user is changed once', () => {
    const image = imageWith('alice', 'bob');
    const deletions = ['nobody', 'alice', 'alice', 'bob'].map((name) => {
      return { name, mechanism: SHA_256 };
    });
    const { records, result } = planAlterScram(image, deletions, [
      upsertion('bob'),
      upsertion('bob'),
      upsertion('carol'),
    ]);
    expect(records.map(({ type }) => type)).toEqual(['scram']);
    expect(result.map(({ user, refused }) => [user, refused?.errorCode ?? 0])).toEqual([
      ['carol', ERROR.NONE],
      ['nobody', ERROR.RESOURCE_NOT_FOUND],
      ['alice', ERROR.DUPLICATE_RESOURCE],
      ['bob', ERROR.DUPLICATE_RESOURCE],
    ]);
  });
});
