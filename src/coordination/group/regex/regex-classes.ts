import type { CharSet } from './regex-program.ts';
import { ASCII_SIZE, setOf } from './regex-program.ts';

const DIGIT = setOf(['0', '9']);
const LOWER = setOf(['a', 'z']);
const UPPER = setOf(['A', 'Z']);
const LETTER = setOf(['a', 'z'], ['A', 'Z']);
const ALNUM = setOf(['0', '9'], ['a', 'z'], ['A', 'Z']);
const WORD = setOf(['0', '9'], ['a', 'z'], ['A', 'Z'], ['_', '_']);
const PUNCT = setOf(['!', '/'], [':', '@'], ['[', '`'], ['{', '~']);

/** `\d`, `\s`, `\w`; the capital stands for all others. */
export const PERL_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ['d', DIGIT],
  ['s', setOf(['\t', '\n'], ['\f', '\r'], [' ', ' '])],
  ['w', WORD],
]);

/** `[[:name:]]` */
export const POSIX_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ['alnum', ALNUM],
  ['alpha', LETTER],
  ['ascii', setOf(['\0', '\x7f'])],
  ['blank', setOf(['\t', '\t'], [' ', ' '])],
  ['cntrl', setOf(['\0', '\x1f'], ['\x7f', '\x7f'])],
  ['digit', DIGIT],
  ['graph', setOf(['!', '~'])],
  ['lower', LOWER],
  ['print', setOf([' ', '~'])],
  ['punct', PUNCT],
  ['space', setOf(['\t', '\r'], [' ', ' '])],
  ['upper', UPPER],
  ['word', WORD],
  ['xdigit', setOf(['0', '9'], ['a', 'f'], ['A', 'F'])],
]);

/** Classes by their names, as they were asked for. */
const unicodeClasses = new Map<string, CharSet | null>();
const CATEGORY = /^[CLMNPSZ][a-z]?$/;
/** Nobody has so many of them; names that are none are remembered too. */
const UNICODE_CLASSES_MAX = 500;

/** `\p{name}`: the part of a category or a script that names of topics can have, null for none. */
export function unicodeClass(name: string): CharSet | null {
  let found = unicodeClasses.get(name);
  if (found === undefined) {
    found = askUnicode(name);
    if (unicodeClasses.size < UNICODE_CLASSES_MAX) unicodeClasses.set(name, found);
  }
  return found;
}

/** The engine knows Unicode; whether it knows the name is told by its refusal alone. */
function askUnicode(name: string): CharSet | null {
  const property = CATEGORY.test(name) || name === 'Any' ? name : `Script=${name}`;
  let member: RegExp;
  try {
    member = new RegExp(`^\\p{${property}}$`, 'u');
  } catch {
    return null;
  }
  const set = setOf();
  for (let code = 0; code < ASCII_SIZE; code++) {
    if (member.test(String.fromCharCode(code))) set[code] = 1;
  }
  return set;
}

/** Escapes that stand for one control character. */
export const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);
