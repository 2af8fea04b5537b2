/** A broker with TLS, SASL and an authorizer, and the settings of Java's tools and clients for it. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tool } from './kafka-tools.mjs';

const MODULES = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  SCRAM: 'org.apache.kafka.common.security.scram.ScramLoginModule',
};
export const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'];
export const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

/** Passwords by user; `admin` may do everything. */
export const USERS = { admin: 'admin-secret', alice: 'alice-secret' };
/** The common name in the certificate of a client that may do everything. */
const CERTIFIED = 'certified';

/**
 * Listens with PLAINTEXT for its operator, with SASL_SSL and SASL_PLAINTEXT, and with SSL, where
 * clients need a certificate. `files` are PEM: `ca`, `certificate`, `key`, `keystore` (the last two together).
 */
export class SecuredBroker {
  static async start(context, folder, config = {}) {
    const { ThrowAwayAuthority } = await import('#millrace/security/tls/throw-away-authority');
    const authority = new ThrowAwayAuthority();
    const server = authority.issue({ commonName: 'server', hosts: ['localhost', '127.0.0.1'] });
    const client = authority.issue({ commonName: CERTIFIED });
    const secured = new SecuredBroker(authority);
    const texts = {
      ca: authority.certificate,
      certificate: client.certificate,
      key: client.key,
      keystore: client.key + client.certificate,
      server: server.key + server.certificate,
    };
    secured.files = {};
    for (const [name, text] of Object.entries(texts)) {
      secured.files[name] = join(folder, `${name}.pem`);
      await writeFile(secured.files[name], text);
    }
    secured.#folder = folder;
    secured.broker = await context.ownBroker({
      listeners: ['SASL_SSL', 'SASL_PLAINTEXT', 'SSL'],
      config: { ...configOf(secured.files), ...config },
    });
    for (const [user, password] of Object.entries(USERS)) {
      await secured.#addUser(user, password);
    }
    return secured;
  }

  #folder;
  #authority;

  constructor(authority) {
    this.#authority = authority;
  }

  /** A file with another certificate of the broker, and its key. */
  async anotherCertificate(commonName = 'server') {
    const hosts = ['localhost', '127.0.0.1'];
    const { certificate, key } = this.#authority.issue({ commonName, hosts });
    const file = join(this.#folder, `${Math.random().toString(36).slice(2)}.pem`);
    await writeFile(file, key + certificate);
    return file;
  }

  /** One mechanism at a time, since Kafka takes one change of a user in a request. */
  async #addUser(user, password) {
    const entity = ['--entity-type', 'users', '--entity-name', user];
    const args = ['--bootstrap-server', this.broker.bootstrap, '--alter', ...entity];
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      await tool('ConfigCommand', [...args, '--add-config', `${mechanism}=[password=${password}]`]);
    }
  }

  bootstrap(protocol) {
    return `127.0.0.1:${this.broker.ports[protocol]}`;
  }

  /** With a `mechanism` over SASL_SSL as a user, else over SSL with the certificate. */
  login(mechanism, username = 'alice', password = USERS[username]) {
    const { ca, certificate, key } = this.files;
    if (mechanism === undefined) return { protocol: 'SSL', ca, certificate, key };
    return { protocol: 'SASL_SSL', ca, mechanism, username, password };
  }

  /** The settings of a login by Java's names. `more` goes into the JAAS line. */
  properties({ protocol, mechanism, username, password }, more = '') {
    const all = {
      'bootstrap.servers': this.bootstrap(protocol),
      'security.protocol': protocol,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': this.files.ca,
    };
    if (mechanism === undefined) {
      return { ...all, 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': this.files.keystore };
    }
    const module = MODULES[mechanism.split('-')[0]];
    const user = `username="${username}" password="${password}"`;
    const jaas = `${module} required ${user}${more};`;
    return { ...all, 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas };
  }

  /** The file of properties that Kafka's tools take as `--command-config`. */
  async propertiesFile(login, more) {
    const name = `${login.username ?? CERTIFIED}-${Math.random().toString(36).slice(2)}`;
    const file = join(this.#folder, `${name}.properties`);
    const entries = Object.entries(this.properties(login, more));
    await writeFile(file, entries.map(([key, value]) => `${key}=${value}\n`).join(''));
    return file;
  }
}

function jaasOf(listener) {
  const prefix = `listener.name.${listener}`;
  const plain = Object.entries(USERS).map(([name, secret]) => `user_${name}="${secret}"`);
  return {
    [`${prefix}.plain.sasl.jaas.config`]: `${MODULES.PLAIN} required ${plain.join(' ')};`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${MODULES.SCRAM} required;`,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${MODULES.SCRAM} required;`,
  };
}

function configOf(files) {
  return {
    'sasl.enabled.mechanisms': MECHANISMS.join(','),
    ...jaasOf('sasl_ssl'),
    ...jaasOf('sasl_plaintext'),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': files.server,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'authorizer.class.name': AUTHORIZER,
    'super.users': `User:ANONYMOUS;User:admin;User:CN=${CERTIFIED}`,
    'delegation.token.secret.key': 'a secret of this broker',
  };
}
