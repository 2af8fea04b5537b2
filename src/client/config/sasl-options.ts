import type { BrokerAddress } from '../broker-address.ts';
import { KafkaError } from '../errors/kafka-error.ts';

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

const OF_PASSWORDS: readonly string[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** Throws where the mechanism lacks what it needs. No value is told: it may be a password. */
export function checkSasl(sasl: SaslOptions): void {
  const given: Readonly<Record<string, unknown>> = { ...sasl };
  const { mechanism } = sasl;
  if (typeof mechanism !== 'string' || mechanism === '') throw bad('it names no mechanism');
  if (given.exchange !== undefined) {
    requireType(given, 'exchange', 'function');
  } else if (OF_PASSWORDS.includes(mechanism)) {
    requireType(given, 'username', 'string');
    requireType(given, 'password', 'string');
  } else if (mechanism === 'OAUTHBEARER') {
    requireType(given, 'token', 'function');
  } else {
    const known = [...OF_PASSWORDS, 'OAUTHBEARER'].join(', ');
    throw bad(`${mechanism} needs an 'exchange' of your own; built in are ${known}`);
  }
}

function requireType(
  given: Readonly<Record<string, unknown>>,
  name: string,
  type: 'function' | 'string',
): void {
  if (typeof given[name] === type) return;
  throw bad(`${given.mechanism} needs a ${type} '${name}'`);
}

function bad(what: string): KafkaError {
  return new KafkaError('BAD_ARGUMENT', `option 'sasl': ${what}`);
}
