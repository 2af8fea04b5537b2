import { ACL_OPERATION, ACL_PATTERN, ACL_WILDCARD, type AclRule } from '../../metadata/acl-rule.ts';
import { RuleIndex } from './rule-index.ts';
import { covers, isAbout, isDenial } from './rule-match.ts';

export interface AuthorizerSettings {
  /** `User:admin`: they may do everything, whatever the rules say. */
  readonly superUsers: ReadonlySet<string>;
  /** allow.everyone.if.no.acl.found */
  readonly allowsWithoutRules: boolean;
}

/** Who asks: the principal as rules name it, and the address that it asks from. */
export interface Asker {
  readonly principal: string;
  readonly host: string;
}

/** As many decisions are kept as cost little memory. Then the oldest half is forgotten. */
const DECISIONS_MAX = 20_000;
const UNNAMED = 'hardcode';

/**
 * Decides who may do what, as Apache Kafka's StandardAuthorizer does. A rule that denies goes
 * before all that allow. Decisions are kept until the rules change.
 */
export class Authorizer {
  readonly #settings: AuthorizerSettings;
  #rules = new RuleIndex([]);
  readonly #decisions = new Map<string, boolean>();

  constructor(settings: AuthorizerSettings) {
    this.#settings = settings;
  }

  /** From now on these rules hold, and no others. */
  replaceRules(rules: Iterable<AclRule>): void {
    this.#rules = new RuleIndex(rules);
    this.#decisions.clear();
  }

  allows({ principal, host }: Asker, operation: number, type: number, name: string): boolean {
    if (this.#settings.superUsers.has(principal)) return true;
    // A line break cannot be in a host, and a number ends before it: no two questions share a key.
    const key = `${operation} ${type} ${host}\n${principal.length} ${principal}${name}`;
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const decision = this.#decide(principal, host, operation, type, name);
    if (this.#decisions.size >= DECISIONS_MAX) this.#forgetHalf();
    this.#decisions.set(key, decision);
    return decision;
  }

  /**
   * Whether there is any resource of the type that the operation is allowed on. A name that nothing
   * is said of stands for those that no rule names, as with Kafka.
   */
  allowsAny(asker: Asker, operation: number, type: number): boolean {
    if (this.allows(asker, operation, type, UNNAMED)) return true;
    const mine = this.#rules
      .ofType(type)
      .filter((rule) => isAbout(rule, asker.principal, asker.host))
      .filter((rule) => rule.operation === operation || rule.operation === ACL_OPERATION.ALL);
    const denials = mine.filter(isDenial);
    if (denials.some(isForAll)) return false;
    return mine.some((rule) => !isDenial(rule) && !isDominated(rule, denials));
  }

  #decide(principal: string, host: string, operation: number, type: number, name: string) {
    const rules = this.#rules.matching(type, name);
    if (rules.length === 0) return this.#settings.allowsWithoutRules;
    let isAllowed = false;
    for (const rule of rules) {
      if (!isAbout(rule, principal, host) || !covers(rule, operation)) continue;
      if (isDenial(rule)) return false;
      isAllowed = true;
    }
    return isAllowed;
  }

  #forgetHalf(): void {
    let left = DECISIONS_MAX / 2;
    for (const key of this.#decisions.keys()) {
      if (left-- === 0) return;
      this.#decisions.delete(key);
    }
  }
}

function isForAll(rule: AclRule): boolean {
  return rule.patternType === ACL_PATTERN.LITERAL && rule.resourceName === ACL_WILDCARD;
}

/** Whether a denial takes away all that the permission gives. */
function isDominated(permission: AclRule, denials: readonly AclRule[]): boolean {
  if (isForAll(permission)) return false;
  return denials.some((denial) =>
    denial.patternType === ACL_PATTERN.PREFIXED
      ? permission.resourceName.startsWith(denial.resourceName)
      : permission.patternType === ACL_PATTERN.LITERAL &&
        permission.resourceName === denial.resourceName,
  );
}
