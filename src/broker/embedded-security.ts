import { MillraceError } from '../base/errors.ts';
import {
  type IssuedCertificate,
  ThrowAwayAuthority,
} from '../security/tls/throw-away-authority.ts';
import type { ConfigObject } from './config.ts';

/** How a broker for tests is secured. */
export interface EmbeddedSecurityOptions {
  /** TLS, with certificates that last as long as the broker; on unless it is `false`. */
  readonly tls?: boolean;
  /** Clients must show a certificate: see `EmbeddedSecurity.issue`. */
  readonly clientCertificates?: boolean;
  /** Passwords by user, for PLAIN and SCRAM; the same over HTTP. Without it nobody is asked. */
  readonly users?: Readonly<Record<string, string>>;
  /** Holds clients to ACLs, but for these users, who may do everything. */
  readonly superUsers?: readonly string[];
}

/** How a user of a secured broker shows its password. */
export type EmbeddedMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** As whom a client connects. */
export interface ClientIdentity {
  /** One of `users`. */
  readonly user?: string;
  /** SCRAM-SHA-512 unless it is given. */
  readonly mechanism?: EmbeddedMechanism;
  readonly certificate?: IssuedCertificate;
}

const MECHANISMS: readonly EmbeddedMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
const HOSTS = ['localhost', '127.0.0.1', '::1'];
const SCRAM_MODULE = 'org.apache.kafka.common.security.scram.ScramLoginModule';
const PLAIN_MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

/** The certificates and users of a broker for tests, and what its clients are configured with. */
export class EmbeddedSecurity {
  readonly #options: EmbeddedSecurityOptions;
  readonly #authority: ThrowAwayAuthority | null;
  #bootstrapServers = '';

  constructor(options: EmbeddedSecurityOptions) {
    for (const [user, password] of Object.entries(options.users ?? {})) {
      if (/[:,]/.test(user) || user === '' || password.includes(',') || password.trim() === '') {
        const rule = 'a name is without : and , and a password without ,';
        const message = `security.users: ${user}: ${rule}`;
        throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
      }
    }
    this.#options = options;
    this.#authority = options.tls === false ? null : new ThrowAwayAuthority();
    if (this.#authority === null && options.clientCertificates === true) {
      const message = 'security.clientCertificates: clients show certificates over TLS only';
      throw new MillraceError('MILLRACE_BAD_ARGUMENT', message);
    }
  }

  /** What clients have to trust, as PEM; '' without TLS. */
  get ca(): string {
    return this.#authority?.certificate ?? '';
  }

  /** The security protocol of the listener, by Kafka's name. */
  get protocol(): 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL' {
    const hasUsers = this.#options.users !== undefined;
    if (this.#authority === null) return hasUsers ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
    return hasUsers ? 'SASL_SSL' : 'SSL';
  }

  /** A certificate for a client, whose principal is `User:CN=<name>`. */
  issue(name: string): IssuedCertificate {
    if (this.#authority !== null) return this.#authority.issue({ commonName: name });
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', 'without TLS there are no certificates');
  }

  /** What the broker is started with. */
  configOf(port: number): ConfigObject {
    const { users, superUsers, clientCertificates } = this.#options;
    const config: Record<string, string> = { listeners: `${this.protocol}://127.0.0.1:${port}` };
    if (this.#authority !== null) {
      const { certificate, key } = this.#authority.issue({ commonName: 'millrace', hosts: HOSTS });
      config['ssl.keystore.type'] = 'PEM';
      config['ssl.keystore.certificate.chain'] = certificate;
      config['ssl.keystore.key'] = key;
      config['ssl.truststore.type'] = 'PEM';
      config['ssl.truststore.certificates'] = this.ca;
      config['ssl.client.auth'] = clientCertificates === true ? 'required' : 'none';
      config['millrace.http.listener'] = 'https://127.0.0.1:0';
    }
    if (users !== undefined) {
      const pairs = Object.entries(users).map(([user, password]) => `${user}:${password}`);
      config['millrace.sasl.users'] = pairs.join(',');
      config['sasl.enabled.mechanisms'] = MECHANISMS.join(',');
      config['millrace.http.authentication'] = 'required';
    }
    if (superUsers !== undefined) {
      config['authorizer.class.name'] = AUTHORIZER;
      config['super.users'] = superUsers.map((name) => `User:${name}`).join(';');
    }
    return config;
  }

  /** The broker listens there. */
  listensOn(bootstrapServers: string): void {
    this.#bootstrapServers = bootstrapServers;
  }

  /** The settings of four clients, ready to pass on. */
  settingsFor(identity: ClientIdentity = {}) {
    const login = this.#loginOf(identity);
    const { certificate } = identity;
    return {
      millrace: this.#millrace(login, certificate),
      kafkajs: this.#kafkajs(login, certificate),
      librdkafka: this.#librdkafka(login, certificate),
      java: this.#java(login, certificate),
    };
  }

  #loginOf({ user, mechanism = 'SCRAM-SHA-512' }: ClientIdentity): Login | null {
    const { users } = this.#options;
    if (user === undefined) return null;
    const password = users?.[user];
    if (password !== undefined) return { mechanism, username: user, password };
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', `security.users has no ${user}`);
  }

  #millrace(login: Login | null, shown: IssuedCertificate | undefined) {
    const own = shown === undefined ? {} : { cert: shown.certificate, key: shown.key };
    return {
      bootstrapServers: this.#bootstrapServers,
      ...(this.ca === '' ? {} : { ssl: { ca: this.ca, ...own } }),
      ...(login === null ? {} : { sasl: login }),
    };
  }

  #kafkajs(login: Login | null, shown: IssuedCertificate | undefined) {
    const own = shown === undefined ? {} : { cert: shown.certificate, key: shown.key };
    return {
      brokers: [this.#bootstrapServers],
      ...(this.ca === '' ? {} : { ssl: { ca: [this.ca], ...own } }),
      ...(login === null
        ? {}
        : {
            sasl: {
              ...login,
              mechanism: login.mechanism.toLowerCase() as Lowercase<EmbeddedMechanism>,
            },
          }),
    };
  }

  #librdkafka(login: Login | null, shown: IssuedCertificate | undefined): Properties {
    const settings = this.#properties();
    if (this.ca !== '') settings['ssl.ca.pem'] = this.ca;
    if (shown !== undefined) {
      settings['ssl.certificate.pem'] = shown.certificate;
      settings['ssl.key.pem'] = shown.key;
    }
    if (login !== null) {
      settings['sasl.mechanisms'] = login.mechanism;
      settings['sasl.username'] = login.username;
      settings['sasl.password'] = login.password;
    }
    return settings;
  }

  #java(login: Login | null, shown: IssuedCertificate | undefined): Properties {
    const settings = this.#properties();
    if (this.ca !== '') {
      settings['ssl.truststore.type'] = 'PEM';
      settings['ssl.truststore.certificates'] = this.ca;
    }
    if (shown !== undefined) {
      settings['ssl.keystore.type'] = 'PEM';
      settings['ssl.keystore.certificate.chain'] = shown.certificate;
      settings['ssl.keystore.key'] = shown.key;
    }
    if (login !== null) {
      const { mechanism, username, password } = login;
      const module = mechanism === 'PLAIN' ? PLAIN_MODULE : SCRAM_MODULE;
      const options = `username=${quoted(username)} password=${quoted(password)}`;
      settings['sasl.mechanism'] = mechanism;
      settings['sasl.jaas.config'] = `${module} required ${options};`;
    }
    return settings;
  }

  #properties(): Properties {
    return { 'bootstrap.servers': this.#bootstrapServers, 'security.protocol': this.protocol };
  }
}

type Properties = Record<string, string>;

interface Login {
  readonly mechanism: EmbeddedMechanism;
  readonly username: string;
  readonly password: string;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
