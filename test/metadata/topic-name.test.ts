import { describe, expect, it } from 'vitest';
import { collisionForm, errorOfTopicName, isInternalTopic } from '../../src/metadata/topic-name.ts';

describe('errorOfTopicName', () => {
  it.each(['a', 'A.b_c-9', '...', '__consumer_offsets', 'x'.repeat(249)])('accepts %s', (name) => {
    expect(errorOfTopicName(name)).toBeNull();
  });

  it.each(['', '.', '..', 'a b', 'a/b', '../x', 'ü', 'a\0', 'x\n', 'x'.repeat(250), 'тема'])(
    'refuses %j',
    (name) => {
      expect(errorOfTopicName(name)).toMatch(/^Topic name is invalid: /);
    },
  );

  it("says why in Kafka's words", () => {
    expect(errorOfTopicName('a b')).toBe(
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII " +
        "alphanumerics, '.', '_' and '-'",
    );
    expect(errorOfTopicName('')).toBe('Topic name is invalid: the empty string is not allowed');
  });
});

describe('names', () => {
  it('collide when they differ in dots and underscores only', () => {
    expect(collisionForm('a.b_c')).toBe(collisionForm('a_b.c'));
    expect(collisionForm('a-b')).not.toBe(collisionForm('a_b'));
  });

  it('of internal topics are known', () => {
    expect(isInternalTopic('__transaction_state')).toBe(true);
    expect(isInternalTopic('__mine')).toBe(false);
  });
});
