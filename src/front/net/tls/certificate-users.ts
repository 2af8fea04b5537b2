import type { TLSSocket } from 'node:tls';
import type { ClientAuth, TlsListenerSettings } from '../../../metadata/config/tls-settings.ts';
import { distinguishedName } from '../../../security/tls/distinguished-name.ts';
import { PrincipalMapping } from '../../../security/tls/principal-mapping.ts';
import { ANONYMOUS, type Principal } from '../principal.ts';

/** Hears of a client whose certificate does not say who it is. */
export type OnDisbelieved = (address: string, reason: string) => void;

/** Makes users of the certificates that the clients of a listener show. */
export class CertificateUsers {
  readonly #clientAuth: ClientAuth;
  /** Null where a certificate names nobody: its client says by SASL who it is. */
  readonly #mapping: PrincipalMapping | null;

  readonly #onDisbelieved: OnDisbelieved;

  constructor(
    { clientAuth, mappingRules }: TlsListenerSettings,
    onDisbelieved: OnDisbelieved,
    hasSasl = false,
  ) {
    this.#clientAuth = clientAuth;
    this.#onDisbelieved = onDisbelieved;
    this.#mapping = hasSasl ? null : PrincipalMapping.parse(mappingRules);
  }

  /**
   * Null where the certificate is not trusted, where one is required and none is shown, and where
   * no rule makes a user of its name.
   */
  principalOf(socket: TLSSocket): Principal | null {
    const certificate = socket.getPeerX509Certificate();
    if (this.#clientAuth === 'required' && !socket.authorized) return null;
    if (certificate === undefined || this.#clientAuth === 'none') return ANONYMOUS;
    if (!socket.authorized) return null;
    if (this.#mapping === null) return ANONYMOUS;
    const name = this.#mapping.userOf(distinguishedName(certificate.subject));
    return name === null ? null : { type: 'User', name };
  }

  /** Where certificates are asked for, a handshake that fails is a client that is not believed. */
  tellFailure({ message }: Error, address: string): void {
    if (this.#clientAuth !== 'none') this.#onDisbelieved(address, message);
  }

  /** Why a certificate makes nobody of its client. */
  static refusalOf(socket: TLSSocket): Error {
    if (socket.authorized) return new Error('its name fits no rule');
    if (socket.getPeerX509Certificate() === undefined) return new Error('it shows no certificate');
    // Its type says Error; it is the code of OpenSSL.
    return new Error(`its certificate is refused: ${String(socket.authorizationError)}`);
  }
}
