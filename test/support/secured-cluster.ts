import type { ConnectionOptions } from 'node:tls';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import type { SaslOptions } from '../../src/client/config/sasl-options.ts';
import { ThrowAwayAuthority } from '../../src/security/tls/throw-away-authority.ts';
import { Broker, freePort } from '../conformance/lib/brokers.mjs';

/** The administrator comes by PLAINTEXT; REAUTH ends a session that is not renewed in two seconds. */
const LISTENERS = {
  PLAINTEXT: 'PLAINTEXT',
  SSL: 'SSL',
  MTLS: 'SSL',
  SASL_SSL: 'SASL_SSL',
  REAUTH: 'SASL_SSL',
} as const;

export type SecuredListener = keyof typeof LISTENERS;

export const SESSION_MS = 2_000;
/** By name: the users of PLAIN, and those that the tests make for SCRAM. */
export const PASSWORDS = { ada: 'a"da\\, =secret', bob: 'ﬁve pässwörd' } as const;

const HOSTS = ['localhost', '127.0.0.1'];
const JAAS = 'org.apache.kafka.common.security';

/** A broker with a listener for each way to make sure who a client is, and ACLs. */
export class SecuredCluster implements AsyncDisposable {
  readonly isKafka: boolean;
  readonly authority: ThrowAwayAuthority;
  readonly #ports: ReadonlyMap<SecuredListener, number>;
  readonly #close: () => Promise<void>;

  private constructor(
    isKafka: boolean,
    authority: ThrowAwayAuthority,
    ports: ReadonlyMap<SecuredListener, number>,
    close: () => Promise<void>,
  ) {
    this.isKafka = isKafka;
    this.authority = authority;
    this.#ports = ports;
    this.#close = close;
  }

  /** Apache Kafka of the conformance runs, which Maven installs where it is not there yet. */
  static async kafka(): Promise<SecuredCluster> {
    const authority = new ThrowAwayAuthority();
    const ports = await freePorts();
    const config = {
      ...commonConfig(authority, ports),
      'ssl.truststore.type': 'PEM',
      ...ofSaslListeners({
        'scram-sha-256.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
        'scram-sha-512.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
        'oauthbearer.sasl.jaas.config':
          `${JAAS}.oauthbearer.OAuthBearerLoginModule required ` +
          'unsecuredLoginStringClaim_sub="broker";',
      }),
    };
    const broker = await Broker.start('kafka', { config, port: ports.get('PLAINTEXT') });
    return new SecuredCluster(true, authority, ports, () => broker.discard());
  }

  /** A millrace in this process. */
  static async millrace(): Promise<SecuredCluster> {
    const authority = new ThrowAwayAuthority();
    const ports = await freePorts();
    const broker: EmbeddedBroker = await startBroker({
      config: {
        ...commonConfig(authority, ports),
        'millrace.http.listener': 'none',
        // Kafka takes unsecured tokens where nothing else is said, and millrace where it is told to.
        ...ofSaslListeners({
          'oauthbearer.sasl.server.callback.handler.class':
            'OAuthBearerUnsecuredValidatorCallbackHandler',
        }),
      },
    });
    return new SecuredCluster(false, authority, ports, () => broker.close());
  }

  /** The options of a client for this listener. */
  clientOf(listener: SecuredListener, more: object = {}) {
    const ca = this.authority.certificate;
    const ssl: ConnectionOptions | false = listener === 'PLAINTEXT' ? false : { ca };
    return { bootstrapServers: this.serversOf(listener), ssl, retryBackoffMs: 20, ...more };
  }

  /** The same for a client that logs in. */
  userOf(sasl: SaslOptions, listener: SecuredListener = 'SASL_SSL') {
    return this.clientOf(listener, { sasl });
  }

  /** The same for a client with a certificate of this name, by the authority of the broker's. */
  holderOf(commonName: string, issuer = this.authority) {
    const { certificate: cert, key } = issuer.issue({ commonName });
    return this.clientOf('MTLS', { ssl: { ca: this.authority.certificate, cert, key } });
  }

  serversOf(listener: SecuredListener): string {
    return `127.0.0.1:${this.#ports.get(listener)}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

async function freePorts(): Promise<ReadonlyMap<SecuredListener, number>> {
  const names = Object.keys(LISTENERS) as SecuredListener[];
  const ports = await Promise.all(names.map(() => freePort()));
  return new Map(names.map((name, i) => [name, ports[i]!]));
}

function commonConfig(
  authority: ThrowAwayAuthority,
  ports: ReadonlyMap<SecuredListener, number>,
): Record<string, string> {
  const { certificate, key } = authority.issue({ commonName: 'localhost', hosts: HOSTS });
  const addresses = Array.from(ports, ([name, port]) => `${name}://127.0.0.1:${port}`);
  const protocols = [...Object.entries(LISTENERS), ['CONTROLLER', 'PLAINTEXT']];
  const users = Object.entries(PASSWORDS).map(([name, password]) => {
    return `user_${name}="${password.replaceAll(/["\\]/g, '\\$&')}"`;
  });
  return {
    listeners: addresses.join(','),
    'advertised.listeners': addresses.join(','),
    'listener.security.protocol.map': protocols.map((each) => each.join(':')).join(','),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
    'ssl.truststore.certificates': authority.certificate,
    'listener.name.mtls.ssl.client.auth': 'required',
    'listener.name.reauth.connections.max.reauth.ms': `${SESSION_MS}`,
    'connection.failed.authentication.delay.ms': '50',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'delegation.token.secret.key': 'of the tests',
    'delegation.token.expiry.check.interval.ms': '500',
    'sasl.oauthbearer.clock.skew.seconds': '0',
    ...ofSaslListeners({
      'plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required ${users.join(' ')};`,
    }),
  };
}

function ofSaslListeners(config: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['sasl_ssl', 'reauth'].flatMap((listener) =>
    Object.entries(config).map(([name, value]) => [`listener.name.${listener}.${name}`, value]),
  );
  return Object.fromEntries(names) as Record<string, string>;
}
