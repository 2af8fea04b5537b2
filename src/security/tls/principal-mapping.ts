import { MillraceError } from '../../base/errors.ts';

interface MappingRule {
  /** Null for DEFAULT: the name as it is. */
  readonly pattern: RegExp | null;
  readonly replacement: string;
  readonly letters: 'as they are' | 'lower' | 'upper';
}

const RULE = /^RULE:((?:\\\/|[^/])*)\/((?:\\\/|[^/])*)\/([LU]?)$/;

/**
 * ssl.principal.mapping.rules: makes the name of a user of the name in a certificate. The first
 * rule counts that the whole name fits.
 */
export class PrincipalMapping {
  readonly #rules: readonly MappingRule[];

  private constructor(rules: readonly MappingRule[]) {
    this.#rules = rules;
  }

  static parse(text: string): PrincipalMapping {
    return new PrincipalMapping(splitRules(text).map(parseRule));
  }

  /** Null where no rule fits: such a client is not let in. */
  userOf(distinguishedName: string): string | null {
    for (const { pattern, replacement, letters } of this.#rules) {
      if (pattern === null) return distinguishedName;
      if (!pattern.test(distinguishedName)) continue;
      const name = distinguishedName.replace(pattern, replacement);
      if (letters === 'as they are') return name;
      return letters === 'lower' ? name.toLowerCase() : name.toUpperCase();
    }
    return null;
  }
}

/** Rules stand between commas; patterns may hold commas, too. */
function splitRules(text: string): string[] {
  return text.split(/,\s*(?=RULE:|DEFAULT)/).map((rule) => rule.trim());
}

function parseRule(text: string): MappingRule {
  if (text === 'DEFAULT') return { pattern: null, replacement: '', letters: 'as they are' };
  const match = RULE.exec(text);
  if (match === null) throw wrong(text, 'expected DEFAULT or RULE:pattern/replacement/[LU]');
  const [, pattern, replacement, letters] = match as unknown as [string, string, string, string];
  try {
    const whole = new RegExp(`^(?:${pattern.replaceAll('\\/', '/')})$`);
    const named = { L: 'lower', U: 'upper' } as const;
    return {
      pattern: whole,
      replacement: replacement.replaceAll('\\/', '/'),
      letters: letters === '' ? 'as they are' : named[letters as 'L' | 'U'],
    };
  } catch (thrown) {
    throw wrong(text, String((thrown as Error).message));
  }
}

function wrong(rule: string, why: string): MillraceError {
  return new MillraceError('MILLRACE_BAD_CONFIG', `ssl.principal.mapping.rules: '${rule}': ${why}`);
}
