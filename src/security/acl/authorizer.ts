import { ACL_OPERATION, ACL_PATTERN, ACL_WILDCARD, type AclRule } from '../../metadata/acl-rule.ts';
import { Asker } from './asker.ts';
import { RuleIndex } from './rule-index.ts';
import { covers, isAbout, isDenial } from './rule-match.ts';

export interface AuthorizerSettings {
  /** `User:admin`: they may do everything, whatever the rules say. */
  readonly superUsers: ReadonlySet<string>;
  /** allow.everyone.if.no.acl.found */
  readonly allowsWithoutRules: boolean;
}

/** As many decisions are kept as cost little memory. Then all are forgotten. */
const DECISIONS_MAX = 100_000;
const ASKERS_MAX = 10_000;
const UNNAMED = 'hardcode';

/**
 * Decides who may do what, as Apache Kafka's StandardAuthorizer does. A rule that denies goes
 * before all that allow. Decisions are kept until the rules change.
 */
export class Authorizer {
  readonly #settings: AuthorizerSettings;
  #rules = new RuleIndex([]);
  /** Ends when the rules change. Answers of another era hold no longer. */
  #era: object = {};
  #decisionCount = 0;
  /** Connections of one client share their answers. */
  readonly #askers = new Map<string, Asker>();

  constructor(settings: AuthorizerSettings) {
    this.#settings = settings;
  }

  /** From now on these rules hold, and no others. */
  replaceRules(rules: Iterable<AclRule>): void {
    this.#rules = new RuleIndex(rules);
    this.#endEra();
  }

  #endEra(): void {
    this.#era = {};
    this.#decisionCount = 0;
  }

  askerOf(principal: string, host: string): Asker {
    // A line break cannot be in a host: no two askers share a key.
    const key = `${host}\n${principal}`;
    let asker = this.#askers.get(key);
    if (asker === undefined) {
      if (this.#askers.size >= ASKERS_MAX) this.#askers.clear();
      asker = new Asker(principal, host);
      this.#askers.set(key, asker);
    }
    return asker;
  }

  allows(asker: Asker, operation: number, type: number, name: string): boolean {
    if (asker.era !== this.#era) {
      asker.beginEra(this.#era, this.#settings.superUsers.has(asker.principal));
    }
    if (asker.isSuper) return true;
    const known = asker.answerTo(operation, type, name);
    if (known !== undefined) return known;
    const decision = this.#decide(asker.principal, asker.host, operation, type, name);
    asker.keep(operation, type, name, decision);
    if (++this.#decisionCount > DECISIONS_MAX) this.#endEra();
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
