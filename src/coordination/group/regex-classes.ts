import type { CharSet } from './regex-program.ts';
import { setOf } from './regex-program.ts';

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

/** `\p{name}`: the part of each Unicode class that names of topics can have. */
export const UNICODE_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ['L', LETTER],
  ['Ll', LOWER],
  ['Lu', UPPER],
  ['Latin', LETTER],
  ['N', DIGIT],
  ['Nd', DIGIT],
  ['P', setOf(['!', '#'], ['%', '*'], [',', '/'], [':', ';'], ['?', '@'], ['[', ']'], ['_', '_'])],
  ['Pc', setOf(['_', '_'])],
  ['Pd', setOf(['-', '-'])],
]);

/** Escapes that stand for one control character. */
export const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);
