export interface ValidToken {
  readonly user: string;
  /** Wall time at which it ends. */
  readonly endsMs: number;
}

/** Says whose a token of an identity provider is. */
export interface TokenCheck {
  /** Null for a token that is not valid. It does not reject. */
  check(token: string): Promise<ValidToken | null>;
}

/** What tokens must say, as Apache Kafka's settings name it. */
export interface TokenRules {
  /** Empty where any audience will do, or none. */
  readonly audiences: readonly string[];
  readonly issuer: string | null;
  readonly clockSkewSeconds: number;
  readonly userClaim: string;
  readonly scopeClaim: string;
  /** A token must name all of them. */
  readonly requiredScopes: readonly string[];
}

const MS_PER_SECOND = 1000;

/** Null where the claims name no user or no end, or a scope that is wrong or not enough. */
export function tokenOfClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: TokenRules,
): ValidToken | null {
  const user = claims[rules.userClaim];
  const { exp } = claims;
  if (typeof user !== 'string' || user.trim() === '') return null;
  if (typeof exp !== 'number' || !(exp >= 0)) return null;
  const scope = claims[rules.scopeClaim];
  if (!isScope(scope) || !hasAll(rules.requiredScopes, scope)) return null;
  return { user: user.trim(), endsMs: exp * MS_PER_SECOND };
}

/** As Apache Kafka takes it: one name, or a list; anything else counts as none. */
function isScope(scope: unknown): boolean {
  if (typeof scope === 'string') return scope.trim() !== '';
  if (!Array.isArray(scope)) return true;
  const names = scope.map((each) => (typeof each === 'string' ? each.trim() : ''));
  return !names.includes('') && new Set(names).size === names.length;
}

function hasAll(required: readonly string[], scope: unknown): boolean {
  const named = (Array.isArray(scope) ? scope : [scope]).map((each) => String(each).trim());
  return required.every((each) => named.includes(each));
}
