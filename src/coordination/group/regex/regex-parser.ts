import { CONTROL_ESCAPES, PERL_CLASSES, POSIX_CLASSES, unicodeClass } from './regex-classes.ts';
import type { CharSet, Node } from './regex-program.ts';
import { ASCII_SIZE, ASSERTION, addAll, foldCase, inverted } from './regex-program.ts';

/** As in RE2. */
const MAX_REPEAT = 1_000;
const MAX_DEPTH = 200;
const MAX_LENGTH = 10_000;
const GROUP_NAME = /^(?:P?<[A-Za-z_]\w*>)/;
const GROUP_FLAGS = /^([imsU]*)(?:-([imsU]+))?([:)])/;
const REPEAT_COUNT = /^\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/;
const HEX_ESCAPE = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/;
const OCTAL_ESCAPE = /^(?:[1-7][0-7]{1,2}|0[0-7]{0,2})/;
const UNICODE_ESCAPE = /^[pP](?:\{(\^?)(\w+)\}|([A-Z]))/;
const NOTHING: Node = { kind: 'assert', assertion: ASSERTION.nothing };

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
}

/**
 * Reads RE2's language: everything of Perl's that can be matched in linear time. Look-around,
 * back-references, atomic groups and possessive repeats are errors, as they are there.
 */
export class RegexParser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, dotAll: false };

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Node {
    if (this.#source.length > MAX_LENGTH) this.#fail('expression is too long');
    const node = this.#choice();
    if (this.#at < this.#source.length) this.#fail('unexpected )');
    return node;
  }

  #fail(reason: string): never {
    throw new SyntaxError(`${reason} at ${this.#at}`);
  }

  #peek(): string {
    return this.#source[this.#at] ?? '';
  }

  #accept(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.#source.slice(this.#at, this.#at + 300));
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #choice(): Node {
    if (++this.#depth > MAX_DEPTH) this.#fail('expression is nested too deeply');
    const flags = this.#flags;
    const parts = [this.#sequence()];
    while (this.#accept('|')) parts.push(this.#sequence());
    this.#flags = flags;
    this.#depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      if (this.#accept('\\Q')) this.#quoted(parts);
      else parts.push(this.#repeated());
    }
    // Even nothing takes a state: repeats of it would otherwise cost time that no limit counts.
    if (parts.length === 0) return NOTHING;
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** `\Q...\E` stands for itself; without `\E` it goes on to the end. */
  #quoted(parts: Node[]): void {
    while (this.#at < this.#source.length && !this.#accept('\\E')) {
      parts.push(this.#literal(this.#source.charCodeAt(this.#at++)));
    }
  }

  #repeated(): Node {
    const part = this.#atom();
    const bounds = this.#repeatBounds();
    if (bounds === null) return part;
    this.#accept('?');
    const again = this.#at;
    if (this.#repeatBounds() !== null) {
      this.#at = again;
      this.#fail('repeat of a repeat');
    }
    return { kind: 'repeat', part, least: bounds[0], most: bounds[1] };
  }

  #repeatBounds(): readonly [number, number] | null {
    if (this.#accept('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#accept('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#accept('?')) return [0, 1];
    const counts = this.#match(REPEAT_COUNT);
    if (counts === null) return null;
    const least = Number(counts[1]);
    let most = least;
    if (counts[2] !== undefined) {
      most = counts[3] === undefined ? Number.POSITIVE_INFINITY : Number(counts[3]);
    }
    const isTooMany = most !== Number.POSITIVE_INFINITY && most > MAX_REPEAT;
    if (least > MAX_REPEAT || isTooMany || most < least) this.#fail('bad repeat count');
    return [least, most];
  }

  #atom(): Node {
    const char = this.#source[this.#at++]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', set: this.#bracket() };
      case '.':
        return { kind: 'set', set: this.#dot() };
      case '^':
        return { kind: 'assert', assertion: ASSERTION.begin };
      case '$':
        return { kind: 'assert', assertion: ASSERTION.end };
      case '*':
      case '+':
      case '?':
        return this.#fail('nothing to repeat');
      case '\\':
        return this.#escape();
      default:
        this.#at--;
        if (this.#match(REPEAT_COUNT) !== null) this.#fail('nothing to repeat');
        this.#at++;
        return this.#literal(char.charCodeAt(0));
    }
  }

  #dot(): CharSet {
    const set = new Uint8Array(ASCII_SIZE).fill(1);
    if (!this.#flags.dotAll) set[10] = 0;
    return set;
  }

  /** A character beyond ASCII is in no topic's name: its set is empty. */
  #literal(code: number): Node {
    const set = new Uint8Array(ASCII_SIZE);
    if (code < ASCII_SIZE) set[code] = 1;
    return { kind: 'set', set: this.#folded(set) };
  }

  #folded(set: CharSet): CharSet {
    return this.#flags.ignoreCase ? foldCase(set) : set;
  }

  #group(): Node {
    const flags = this.#flags;
    if (this.#accept('?')) {
      if (this.#match(GROUP_NAME) === null) {
        const found = this.#match(GROUP_FLAGS) ?? this.#fail('unknown kind of group');
        this.#setFlags(found[1]!, true);
        this.#setFlags(found[2] ?? '', false);
        // Flags without a group of their own hold to the end of the group around them.
        if (found[3] === ')') return NOTHING;
      }
    }
    const node = this.#choice();
    if (!this.#accept(')')) this.#fail('missing )');
    this.#flags = flags;
    return node;
  }

  /** `m` changes nothing in names of one line, and `U` nothing in what matches as a whole. */
  #setFlags(letters: string, isOn: boolean): void {
    if (letters.includes('i')) this.#flags = { ...this.#flags, ignoreCase: isOn };
    if (letters.includes('s')) this.#flags = { ...this.#flags, dotAll: isOn };
  }

  #escape(): Node {
    const set = this.#classEscape();
    if (set !== null) return { kind: 'set', set };
    if (this.#accept('b')) return { kind: 'assert', assertion: ASSERTION.wordEdge };
    if (this.#accept('B')) return { kind: 'assert', assertion: ASSERTION.noWordEdge };
    if (this.#accept('A')) return { kind: 'assert', assertion: ASSERTION.begin };
    if (this.#accept('z')) return { kind: 'assert', assertion: ASSERTION.end };
    return this.#literal(this.#charEscape());
  }

  /** `\d`, `\pL` and their like, or null. */
  #classEscape(): CharSet | null {
    const letter = this.#peek();
    const perl = PERL_CLASSES.get(letter.toLowerCase());
    if (perl !== undefined) {
      this.#at++;
      return letter === letter.toLowerCase() ? perl : inverted(perl);
    }
    if (letter !== 'p' && letter !== 'P') return null;
    const found = this.#match(UNICODE_ESCAPE) ?? this.#fail('bad class');
    const set = unicodeClass(found[2] ?? found[3]!) ?? this.#fail('unknown class');
    const isInverted = (letter === 'P') !== (found[1] === '^');
    return isInverted ? inverted(set) : this.#folded(set);
  }

  /** The code of an escaped character. */
  #charEscape(): number {
    const hex = this.#match(HEX_ESCAPE);
    if (hex !== null) return Number.parseInt(hex[1] ?? hex[2]!, 16);
    const octal = this.#match(OCTAL_ESCAPE);
    if (octal !== null) return Number.parseInt(octal[0], 8);
    const char = this.#peek();
    const control = CONTROL_ESCAPES.get(char);
    if (control === undefined && (char === '' || /[0-9A-Za-z]/.test(char))) {
      this.#fail('unknown escape');
    }
    this.#at++;
    return control ?? char.charCodeAt(0);
  }

  #bracket(): CharSet {
    const isInverted = this.#accept('^');
    const set = new Uint8Array(ASCII_SIZE);
    // A bracket that closes at once would be empty: there it stands for itself.
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (this.#at >= this.#source.length) this.#fail('missing ]');
      this.#bracketItem(set);
    }
    this.#at++;
    const folded = this.#folded(set);
    return isInverted ? inverted(folded) : folded;
  }

  #bracketItem(set: CharSet): void {
    const posix = this.#match(/^\[:(\^?)(\w+):\]/);
    if (posix !== null) {
      const named = POSIX_CLASSES.get(posix[2]!) ?? this.#fail('unknown class');
      addAll(set, posix[1] === '^' ? inverted(named) : named);
      return;
    }
    if (this.#peek() === '\\') {
      this.#at++;
      const escaped = this.#classEscape();
      if (escaped !== null) {
        addAll(set, escaped);
        return;
      }
      this.#at--;
    }
    const first = this.#bracketChar();
    let last = first;
    if (this.#peek() === '-' && (this.#source[this.#at + 1] ?? ']') !== ']') {
      this.#at++;
      last = this.#bracketChar();
    }
    if (last < first) this.#fail('bad range');
    set.fill(1, Math.min(first, ASCII_SIZE), Math.min(last + 1, ASCII_SIZE));
  }

  #bracketChar(): number {
    if (this.#accept('\\')) return this.#charEscape();
    if (this.#at >= this.#source.length) this.#fail('missing ]');
    return this.#source.charCodeAt(this.#at++);
  }
}
