import type { Clock } from '../base/clock.ts';
import { type Logger, RateLimitedLog } from '../base/logger.ts';
import type { OauthSettings } from '../metadata/config/oauth-settings.ts';
import type {
  SaslListenerSettings,
  SaslMechanismSettings,
} from '../metadata/config/sasl-settings.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';
import { OauthServer } from '../security/sasl/oauth-server.ts';
import { PlainServer } from '../security/sasl/plain-server.ts';
import { PlainUsers } from '../security/sasl/plain-users.ts';
import { SaslListener } from '../security/sasl/sasl-listener.ts';
import type { SaslMechanism } from '../security/sasl/sasl-server.ts';
import { ScramServer } from '../security/sasl/scram-server.ts';
import { ScramUsers } from '../security/sasl/scram-users.ts';
import { SignedTokens } from '../security/sasl/signed-tokens.ts';
import type { TokenCheck } from '../security/sasl/token-check.ts';
import { UnsecuredTokens } from '../security/sasl/unsecured-tokens.ts';
import type { TokenSecrets } from '../security/tokens/token-secrets.ts';
import { tokenKeys } from './token-keys.ts';

const LOG_INTERVAL_MS = 5000;

/** What the mechanisms ask when a client authenticates. */
export interface SaslMeans {
  readonly view: MetadataView;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tokens: TokenSecrets | null;
}

/** Makes what the configuration asks for, by the names of the listeners. */
export function saslListeners(
  settings: ReadonlyMap<string, SaslListenerSettings>,
  means: SaslMeans,
): ReadonlyMap<string, SaslListener> {
  const listeners = new Map<string, SaslListener>();
  for (const [name, { mechanisms, ...limits }] of settings) {
    const offered = mechanisms.map((each) => mechanismOf(name, each, means));
    listeners.set(name, new SaslListener(offered, limits, means.clock));
  }
  return listeners;
}

function mechanismOf(
  listener: string,
  settings: SaslMechanismSettings,
  means: SaslMeans,
): SaslMechanism {
  const { view, tokens } = means;
  const { name, sessionMsMax, passwords, oauth } = settings;
  if (name === 'OAUTHBEARER') {
    const check = tokenCheckOf(listener, oauth!, means);
    return { name, sessionMsMax, open: () => new OauthServer(check) };
  }
  if (name === 'PLAIN') {
    const users = new PlainUsers(passwords);
    return { name, sessionMsMax, open: () => new PlainServer(users) };
  }
  const users = new ScramUsers(name, view, passwords);
  return { name, sessionMsMax, open: () => new ScramServer(name, users, tokens) };
}

/** Says whose the tokens are that come to a listener. */
export function tokenCheckOf(
  listener: string,
  settings: OauthSettings,
  { clock, logger }: Pick<SaslMeans, 'clock' | 'logger'>,
): TokenCheck {
  if (settings.jwksUrl === '') {
    logger.warn(`listener ${listener} takes tokens that nobody signed: anybody may be anybody`);
    return new UnsecuredTokens(settings, clock);
  }
  for (const [name, isSet] of [
    ['sasl.oauthbearer.expected.audience', settings.audiences.length > 0],
    ['sasl.oauthbearer.expected.issuer', settings.issuer !== null],
  ] as const) {
    if (isSet) continue;
    logger.warn(`listener ${listener} takes tokens for any service: set ${name}`);
  }
  const log = new RateLimitedLog(logger, LOG_INTERVAL_MS);
  return new SignedTokens({ keys: tokenKeys(settings, logger), rules: settings, log, clock });
}
