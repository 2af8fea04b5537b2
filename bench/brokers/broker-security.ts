/** What makes a broker listen with TLS beside its plain port: the same for all that are compared. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin } from '#millrace/client/index';
import { ThrowAwayAuthority } from '#millrace/security/tls/throw-away-authority';
import { freePort } from './broker-process.ts';

/** The protocols of the listeners. */
export type SecuredName = 'SSL' | 'SASL_SSL';

const NAMES: readonly SecuredName[] = ['SSL', 'SASL_SSL'];
const HOST = '127.0.0.1';
const USER = 'load';
const PASSWORD = 'generator';
const MECHANISM = 'SCRAM-SHA-256';
/** Those of Kafka's tools by default. */
const ITERATIONS = 4096;

/** Where the secured listeners of one broker are, and what a load says there. */
export class SecuredPorts {
  readonly #ports: ReadonlyMap<SecuredName, number>;
  readonly #caFile: string;

  constructor(ports: ReadonlyMap<SecuredName, number>, caFile: string) {
    this.#ports = ports;
    this.#caFile = caFile;
  }

  /** `NAME://host:port` of each, to be listed behind the plain one. */
  get addresses(): string {
    return Array.from(this.#ports, ([name, port]) => `${name}://${HOST}:${port}`).join(',');
  }

  argsOf(name: SecuredName): string[] {
    const args = ['--broker', `${HOST}:${this.#ports.get(name)}`, '--ca', this.#caFile];
    return name === 'SSL' ? args : [...args, '--scram', `${USER}:${PASSWORD}`];
  }
}

export class BrokerSecurity {
  /** Of all brokers of a run. TLS 1.3 only, with the ciphers that each brings. */
  readonly config: Readonly<Record<string, string>>;
  readonly #caFile: string;

  private constructor(config: Readonly<Record<string, string>>, caFile: string) {
    this.config = config;
    this.#caFile = caFile;
  }

  static async in(folder: string): Promise<BrokerSecurity> {
    const authority = new ThrowAwayAuthority();
    const hosts = ['localhost', HOST];
    const { certificate, key } = authority.issue({ commonName: 'localhost', hosts });
    const caFile = join(folder, 'ca.pem');
    await mkdir(folder, { recursive: true });
    await writeFile(caFile, authority.certificate);
    const config = {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': certificate,
      'ssl.keystore.key': key,
      'ssl.enabled.protocols': 'TLSv1.3',
      'ssl.protocol': 'TLSv1.3',
      // What one machine may do is not what is measured.
      'max.connection.creation.rate': '100000',
      'sasl.enabled.mechanisms': MECHANISM,
      [`listener.name.sasl_ssl.${MECHANISM.toLowerCase()}.sasl.jaas.config`]:
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    };
    return new BrokerSecurity(config, caFile);
  }

  async freePorts(): Promise<SecuredPorts> {
    const ports = new Map<SecuredName, number>();
    for (const name of NAMES) ports.set(name, await freePort());
    return new SecuredPorts(ports, this.#caFile);
  }
}

/** The user as whom loads log in. */
export async function addUser(host: string, port: number): Promise<void> {
  await using admin = new Admin({ bootstrapServers: `${host}:${port}` });
  const user = { user: USER, mechanism: MECHANISM, iterations: ITERATIONS } as const;
  await admin.scram.alter([{ ...user, password: PASSWORD }]);
}
