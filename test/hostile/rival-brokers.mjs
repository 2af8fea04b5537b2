/** What is attacked beside millrace: Apache Kafka, and a server that does next to nothing. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Broker } from '../conformance/lib/brokers.mjs';
import { cpuSecondsOf, memoryMbOf } from './process-figures.mjs';
import { addUser, PASSWORD_LOGIN, USER } from './secured-listener.mjs';

const BARE = fileURLToPath(new URL('./bare-broker.mjs', import.meta.url));
/** That of millrace: with Kafka's own of 50 an attacker waits for itself. */
const BACKLOG = 1000;

/** Nobody looks into these: they have no probe of a loop. */
class Rival {
  port;
  securedPort;
  httpPort = 0;

  async takeDelays() {
    return { p99Ms: Number.NaN, worstMs: Number.NaN };
  }

  get memoryMb() {
    return memoryMbOf(this.pid);
  }

  get cpuSeconds() {
    return cpuSecondsOf(this.pid);
  }
}

class Bare extends Rival {
  #child;

  static async start(listener) {
    const bare = new Bare();
    bare.#child = fork(BARE, [], { stdio: 'inherit' });
    bare.#child.send(listener.isTls ? listener.pair : {});
    const [ports] = await once(bare.#child, 'message');
    Object.assign(bare, ports);
    return bare;
  }

  get pid() {
    return this.#child.pid;
  }

  async stop() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

class Kafka extends Rival {
  #broker;

  static async start(listener) {
    const kafka = new Kafka();
    const { protocol, pair } = listener;
    const config = { 'socket.listen.backlog.size': String(BACKLOG) };
    if (protocol !== undefined) {
      const prefix = `listener.name.${protocol.toLowerCase()}.scram-sha-256`;
      Object.assign(config, {
        'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
        [`${prefix}.sasl.jaas.config`]: PASSWORD_LOGIN,
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.certificate.chain': pair.certificate,
        'ssl.keystore.key': pair.key,
      });
    }
    const listeners = protocol === undefined ? [] : [protocol];
    kafka.#broker = await Broker.start('kafka', { config, listeners });
    kafka.port = kafka.#broker.port;
    kafka.securedPort = kafka.#broker.ports[protocol] ?? 0;
    if (protocol !== undefined) await addUser(kafka.port, USER);
    return kafka;
  }

  get pid() {
    return this.#broker.pid;
  }

  stop() {
    return this.#broker.discard();
  }
}

export const RIVALS = { kafka: Kafka, bare: Bare };
