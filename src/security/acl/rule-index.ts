import { ACL_PATTERN, ACL_WILDCARD, type AclRule } from '../../metadata/acl-rule.ts';

const NONE: readonly AclRule[] = [];

/** The rules of one type of resource, found by the names that they hold for. */
class TypedRules {
  readonly literal = new Map<string, AclRule[]>();
  readonly prefixed = new Map<string, AclRule[]>();
  readonly all: AclRule[] = [];
  /** Distinct lengths of the prefixes: a name is looked up once for each that it is as long as. */
  prefixLengths: readonly number[] = [];
}

/**
 * Rules by the resources that they hold for. It never changes: other rules are another index, so
 * that whoever asks sees the rules of one moment.
 */
export class RuleIndex {
  readonly #types = new Map<number, TypedRules>();

  constructor(rules: Iterable<AclRule>) {
    for (const rule of rules) this.#add(rule);
    for (const typed of this.#types.values()) {
      typed.prefixLengths = [...new Set([...typed.prefixed.keys()].map(({ length }) => length))];
    }
  }

  /** Those that hold for the resource: by its name, by a prefix of it, or for all of its type. */
  matching(resourceType: number, name: string): readonly AclRule[] {
    const typed = this.#types.get(resourceType);
    if (typed === undefined) return NONE;
    const found = [...(typed.literal.get(name) ?? NONE)];
    if (name !== ACL_WILDCARD) found.push(...(typed.literal.get(ACL_WILDCARD) ?? NONE));
    for (const length of typed.prefixLengths) {
      if (length > name.length) continue;
      found.push(...(typed.prefixed.get(name.slice(0, length)) ?? NONE));
    }
    return found;
  }

  ofType(resourceType: number): readonly AclRule[] {
    return this.#types.get(resourceType)?.all ?? NONE;
  }

  #add(rule: AclRule): void {
    let typed = this.#types.get(rule.resourceType);
    if (typed === undefined) {
      typed = new TypedRules();
      this.#types.set(rule.resourceType, typed);
    }
    typed.all.push(rule);
    const byName = rule.patternType === ACL_PATTERN.PREFIXED ? typed.prefixed : typed.literal;
    const same = byName.get(rule.resourceName);
    if (same === undefined) byName.set(rule.resourceName, [rule]);
    else same.push(rule);
  }
}
