import { bad } from './listeners.ts';

/** One entry of a JAAS configuration, as Kafka's clients and brokers write it in one line. */
export interface JaasEntry {
  readonly loginModule: string;
  readonly options: ReadonlyMap<string, string>;
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([=;])|([^\s"'=;]+))/sy;
const FLAGS = ['required', 'requisite', 'sufficient', 'optional'];

interface Token {
  readonly text: string;
  /** '=' or ';' outside quotes. */
  readonly isSign: boolean;
}

/** `module flag name="value" … ;`. What is wrong is told without the text, which holds secrets. */
export function parseJaasEntry(property: string, text: string): JaasEntry {
  const tokens = tokensOf(property, text);
  const last = tokens.pop();
  if (last === undefined || !isSign(last, ';')) throw bad(`${property}: must end in a semicolon`);
  const [loginModule, flag, ...rest] = tokens;
  if (loginModule === undefined || loginModule.isSign || flag === undefined || flag.isSign) {
    throw bad(`${property}: expected a login module, a flag and options`);
  }
  if (!FLAGS.includes(flag.text.toLowerCase())) {
    throw bad(`${property}: the word after the login module must be one of ${FLAGS.join(', ')}`);
  }
  const options = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 3) {
    const [name, sign, value] = rest.slice(i, i + 3);
    const isWhole = name?.isSign === false && value?.isSign === false;
    if (!isWhole || sign === undefined || !isSign(sign, '=')) {
      throw bad(`${property}: option ${i / 3 + 1} is not of the form name="value"`);
    }
    options.set(name.text, value.text);
  }
  return { loginModule: loginModule.text, options };
}

function tokensOf(property: string, text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (match === null) throw bad(`${property}: a quotation mark is not closed`);
    const [, double, single, sign, word] = match;
    const quoted = double ?? single;
    const content = quoted === undefined ? (sign ?? word!) : unescaped(quoted);
    tokens.push({ text: content, isSign: sign !== undefined });
  }
  return tokens;
}

function isSign(token: Token, sign: string): boolean {
  return token.isSign && token.text === sign;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char);
}
