import { numberOf } from './config-value.ts';
import type { ListenerScope } from './listener-scope.ts';
import { bad } from './listeners.ts';

/** How the tokens of OAUTHBEARER are checked, in Kafka's settings. */
export interface OauthSettings {
  /** `https:`, `http:` or `file:`; '' where tokens are not signed. */
  readonly jwksUrl: string;
  readonly audiences: readonly string[];
  readonly issuer: string | null;
  readonly clockSkewSeconds: number;
  readonly userClaim: string;
  readonly scopeClaim: string;
  /** Only of tokens that nobody signed: Kafka asks no scope of others. */
  readonly requiredScopes: readonly string[];
  readonly refreshMs: number;
  readonly retryMaxMs: number;
  readonly readTimeoutMs: number;
}

const PREFIX = 'sasl.oauthbearer';
const URL_NAME = `${PREFIX}.jwks.endpoint.url`;
const HANDLER = 'sasl.server.callback.handler.class';
/** The name under which Kafka knows tokens that nobody signed. */
const UNSECURED = 'OAuthBearerUnsecuredValidatorCallbackHandler';
const READ_TIMEOUT_MS = 10_000;
const PROTOCOLS = ['https:', 'http:', 'file:'];

export function oauthSettings(
  scope: ListenerScope,
  options: ReadonlyMap<string, string>,
): OauthSettings {
  const text = (name: string) => scope.own(`oauthbearer.${name}`) ?? scope.text(name);
  const number = (name: string) => numberOf(text(name)!);
  const isUnsecured = (text(HANDLER) ?? '').split('.').at(-1) === UNSECURED;
  const skew = options.get('unsecuredValidatorAllowableClockSkewMs');
  return {
    jwksUrl: isUnsecured ? '' : jwksUrlOf(scope, text(URL_NAME)),
    audiences: listOf(text(`${PREFIX}.expected.audience`)),
    issuer: text(`${PREFIX}.expected.issuer`),
    clockSkewSeconds: isUnsecured
      ? numberOf(skew ?? '0') / 1000
      : number(`${PREFIX}.clock.skew.seconds`),
    userClaim:
      options.get('unsecuredValidatorPrincipalClaimName') ?? text(`${PREFIX}.sub.claim.name`)!,
    scopeClaim:
      options.get('unsecuredValidatorScopeClaimName') ?? text(`${PREFIX}.scope.claim.name`)!,
    requiredScopes: isUnsecured ? wordsOf(options.get('unsecuredValidatorRequiredScope')) : [],
    refreshMs: number(`${PREFIX}.jwks.endpoint.refresh.ms`),
    retryMaxMs: number(`${PREFIX}.jwks.endpoint.retry.backoff.max.ms`),
    readTimeoutMs: numberOf(text('sasl.login.read.timeout.ms') ?? String(READ_TIMEOUT_MS)),
  };
}

function listOf(text: string | null): string[] {
  const items = (text ?? '').split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function wordsOf(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function jwksUrlOf(scope: ListenerScope, url: string | null): string {
  if (url === null || url === '') {
    const own = scope.prefixed(`oauthbearer.${URL_NAME}`);
    throw bad(
      `${URL_NAME}: OAUTHBEARER of listener ${scope.name} needs the keys that tokens are signed ` +
        `with; set ${own} to the address of the identity provider's JWKS, or to a file: URL. ` +
        `Tests may set ${scope.prefixed(`oauthbearer.${HANDLER}`)} to ${UNSECURED}`,
    );
  }
  if (!URL.canParse(url) || !PROTOCOLS.includes(new URL(url).protocol)) {
    throw bad(`${URL_NAME}: ${url} is no URL of https:, http: or file:`);
  }
  return url;
}
