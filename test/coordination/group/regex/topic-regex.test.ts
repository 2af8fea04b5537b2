import { describe, expect, it } from 'vitest';
import { TopicRegex } from '../../../../src/coordination/group/regex/topic-regex.ts';

const NAMES = [
  '',
  'a',
  'A',
  'aa',
  'ab',
  'abc',
  'foo',
  'foobar',
  'foo-1',
  'foo_2',
  'foo.3',
  'FOO',
  'orders-eu',
  'orders-us',
  '__consumer_offsets',
  '2024-01-02',
  'x'.repeat(249),
];

/** Expressions that mean the same in RE2 and in JavaScript. */
const SHARED = [
  '',
  'a',
  'a*',
  'a+',
  'a?b?c?',
  '.*',
  '.+',
  'foo.*',
  'foo|a',
  '(foo|a)+',
  '(?:foo|bar)*',
  'foo[-_.]\\d',
  '[^a-z]+',
  '[a-z]+-[a-z]{2}',
  'orders-(eu|us)',
  '^foo',
  'foo$',
  '^$',
  '\\w+',
  '\\W*',
  '\\d{4}-\\d{2}-\\d{2}',
  '\\D+',
  '[\\w.-]+',
  'a{2}',
  'a{1,}',
  'a{0,1}',
  'x{249}',
  'x{248,250}',
  '(a*)*',
  '(a|aa)+',
  '((a?){3}){2}',
  '(|a)(b|)c?',
  'foo\\.3',
  '\\x66oo',
  'foo\\b.*',
  '.*\\B.',
  '[]a]|b'.replace('[]a]', '[a\\]]'),
  '.*?',
  'a+?b??c*?',
  '__.*',
  '[a-c]{1,3}',
];

describe('topic expressions', () => {
  it.each(SHARED)('match as a whole what JavaScript does: %s', (source) => {
    const regex = new TopicRegex(source);
    const reference = new RegExp(`^(?:${source})$`);
    for (const name of NAMES) {
      expect([name, regex.matches(name)]).toEqual([name, reference.test(name)]);
    }
  });

  it.each([
    ['(?i)foo', 'FOO', true],
    ['(?i:f)oo', 'Foo', true],
    ['(?i:f)oo', 'FOO', false],
    ['a(?i)b|c', 'C', true],
    ['(?-i)a', 'A', false],
    ['(?P<name>foo)', 'foo', true],
    ['(?<name>foo)', 'foo', true],
    ['\\Qfoo.3\\E', 'foo.3', true],
    ['\\Qfoo.3', 'foox3', false],
    ['[[:alpha:]]+', 'abc', true],
    ['[[:^alpha:]]+', 'abc', false],
    ['[[:word:].]+', 'a_1.x', true],
    ['\\pL+', 'abC', true],
    ['\\p{Lu}', 'a', false],
    ['\\p{Greek}', 'a', false],
    ['\\P{Greek}', 'a', true],
    ['\\p{Latin}+', 'aZ', true],
    ['\\p{Po}', '.', true],
    ['[\\p{Pd}\\p{Nd}]+', '1-2', true],
    ['\\p{Any}', '_', true],
    ['\\PN+', 'abc', true],
    ['\\Afoo\\z', 'foo', true],
    ['[]a]+', 'a', true],
    ['é*a', 'a', true],
    ['.', 'é', false],
  ])('follow RE2: %s on %s is %s', (source, name, expected) => {
    expect(new TopicRegex(source).matches(name)).toBe(expected);
  });

  it.each([
    '(',
    ')',
    '(a',
    '[a',
    '[b-a]',
    'a**',
    '*a',
    '+',
    'a{2}{3}',
    'a{1001}',
    'a{3,2}',
    '{2}',
    '\\',
    '\\1',
    '\\y',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?>a)',
    'a++',
    '(?P=name)',
    '(?x)a',
    '\\p{Nonsense}',
    '\\p{Lx}',
    '\\p{Emoji}',
    '[[:nonsense:]]',
    '((((a{1000}){1000}){1000}){1000})',
    '('.repeat(1_000),
    'a'.repeat(20_000),
  ])('are refused when they are not RE2: %s', (source) => {
    expect(() => new TopicRegex(source)).toThrow(SyntaxError);
  });

  it('take time linear to the name, whatever the expression', () => {
    const evil = ['(a*)*b', '(a|a)*b', '(a|aa)+b', '(.*.*.*.*.*.*.*)x', '(((a?){50}){50})b'];
    for (const source of evil) {
      const regex = new TopicRegex(source);
      expect(regex.matches('a'.repeat(249))).toBe(false);
    }
  });

  it('repeat nothing a great many times without work', () => {
    const nested = '((((((){1000}){1000}){1000}){1000}){1000})';
    expect(() => new TopicRegex(nested)).toThrow('too large');
  });
});
