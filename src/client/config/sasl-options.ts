import type { BrokerAddress } from '../broker-address.ts';

/** A token of OAuth. The broker reads in it when it ends; the client proves itself again before. */
export interface OauthToken {
  readonly value: string;
  /** What the broker is told besides (KIP-342). */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** How the client proves who it is. */
export type SaslOptions =
  | {
      /** PLAIN shows the password to whoever reads the connection: use it over TLS. */
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
      readonly username: string;
      readonly password: string;
      /**
       * With SCRAM: the name is the id of a delegation token (KIP-48), and the password its `hmac`
       * in base64.
       */
      readonly isDelegationToken?: boolean;
    }
  | {
      /** A token in place of a password. */
      readonly mechanism: 'OAUTHBEARER';
      /** Called for each connection and each time that it authenticates again. */
      readonly token: () => OauthToken | Promise<OauthToken>;
    }
  | {
      /** Another one, by the name that the broker has for it. */
      readonly mechanism: string;
      /** One authentication: yields what the client says and gets what the broker answers. */
      readonly exchange: (address: BrokerAddress) => AsyncGenerator<Buffer, void, Buffer>;
    };
