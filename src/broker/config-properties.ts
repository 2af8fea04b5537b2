import { MillraceError } from '../base/errors.ts';

/**
 * Java's .properties format: `name=value`, `name: value` or `name value`, comments after # or !,
 * a backslash before the line's end joins lines. \t \n \r \f, and \u before four hexadecimal
 * digits, stand for the characters that they do in Java.
 */
export function parseProperties(text: string, file: string): Map<string, string> {
  const properties = new Map<string, string>();
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    const first = i + 1;
    let logical = lines[i]!.trimStart();
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue;
    while (endsInOddBackslashes(logical)) {
      logical = logical.slice(0, -1) + (lines[++i] ?? '').trimStart();
    }
    const [name, value] = splitProperty(logical, `${file} line ${first}`);
    properties.set(name, value);
  }
  return properties;
}

function endsInOddBackslashes(line: string): boolean {
  const tail = /\\+$/.exec(line);
  return tail !== null && tail[0].length % 2 === 1;
}

function splitProperty(line: string, where: string): [string, string] {
  const match = /^((?:\\.|[^\\=:\s])*)(?:\s*[=:]\s*|\s+|$)(.*)$/s.exec(line);
  const name = match === null ? '' : unescaped(match[1]!, where);
  if (match === null || name === '') {
    throw new MillraceError('MILLRACE_BAD_CONFIG', `${where}: expected name=value`);
  }
  return [name, unescaped(match[2]!, where).trim()];
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string, where: string): string {
  return text.replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code === 'u') {
      const message = `${where}: \\u needs four hexadecimal digits`;
      throw new MillraceError('MILLRACE_BAD_CONFIG', message);
    }
    return ESCAPES[code] ?? code;
  });
}
