import type { CredentialCheck, CredentialOwner } from '../gateway/access/credential-check.ts';
import type { SaslListenerSettings } from '../metadata/config/sasl-settings.ts';
import { PasswordCheck } from '../security/sasl/password-check.ts';
import { PlainUsers } from '../security/sasl/plain-users.ts';
import { ScramUsers } from '../security/sasl/scram-users.ts';
import type { TokenCheck } from '../security/sasl/token-check.ts';
import { type SaslMeans, tokenCheckOf } from './sasl-listeners.ts';

/** The credentials of the gateway's clients: those of the mechanisms that it takes. */
export class HttpCredentials implements CredentialCheck {
  readonly #passwords: PasswordCheck;
  readonly #tokens: TokenCheck | null;

  constructor(name: string, { mechanisms }: SaslListenerSettings, means: SaslMeans) {
    let plain: PlainUsers | null = null;
    let tokens: TokenCheck | null = null;
    const scram: ScramUsers[] = [];
    for (const { name: mechanism, passwords, oauth } of mechanisms) {
      if (mechanism === 'OAUTHBEARER') tokens = tokenCheckOf(name, oauth!, means);
      else if (mechanism === 'PLAIN') plain = new PlainUsers(passwords);
      else scram.push(new ScramUsers(mechanism, means.view, passwords));
    }
    this.#passwords = new PasswordCheck(plain, scram, means.clock);
    this.#tokens = tokens;
  }

  async password(user: string, password: string): Promise<CredentialOwner | 'busy' | null> {
    const mechanism = await this.#passwords.mechanismFor(user, password);
    if (mechanism === 'busy') return mechanism;
    return mechanism === null ? null : { user, mechanism, endsMs: Number.POSITIVE_INFINITY };
  }

  async token(token: string): Promise<CredentialOwner | null> {
    const owner = (await this.#tokens?.check(token)) ?? null;
    return owner === null ? null : { ...owner, mechanism: 'OAUTHBEARER' };
  }
}
