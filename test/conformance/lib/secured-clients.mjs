/** What each client needs to log in to a secured broker, and the clients that only do that. */

import { join } from 'node:path';
import { CLIENTS } from './clients.mjs';
import { nodeRdkafkaSuite } from './suites.mjs';
import { node } from './toolchains.mjs';

const { java, librdkafka, 'franz-go': franzGo, kafkajs, 'kafka-python': kafkaPython } = CLIENTS;

/** node-rdkafka brings a librdkafka of its own, which its installation compiles. */
const nodeRdkafka = {
  title: 'node-rdkafka 3.6.1',
  /** It makes text of the values of headers, and null of what is empty. */
  asItCan: ({ k, v, ...record }) => ({ ...record, k: k || null, v: v || null, h: [] }),
  /** What its connect() says of any login that is refused. */
  refusal: /broker transport failure/,
  async command() {
    const folder = await nodeRdkafkaSuite();
    return [process.execPath, join((await node()).folder, 'node-rdkafka.mjs'), folder];
  },
};

export const SECURED_CLIENTS = {
  java,
  librdkafka,
  'franz-go': franzGo,
  kafkajs,
  /** It tries a refused login again until its time to bootstrap is over. */
  'kafka-python': { ...kafkaPython, refusal: /Unable to bootstrap/ },
  'node-rdkafka': nodeRdkafka,
};

/** librdkafka's settings, also for kcat and node-rdkafka. */
export function librdkafkaSettings({ protocol, ca, certificate, key, ...sasl }) {
  const all = { 'security.protocol': protocol.toLowerCase(), 'ssl.ca.location': ca };
  if (certificate !== undefined) {
    return { ...all, 'ssl.certificate.location': certificate, 'ssl.key.location': key };
  }
  if (sasl.mechanism === undefined) return all;
  const { mechanism, username, password } = sasl;
  const login = { 'sasl.username': username, 'sasl.password': password };
  return { ...all, 'sasl.mechanism': mechanism, ...login };
}

/** What goes into a file of jobs, beside its jobs. */
export function securityOf(secured, login) {
  return {
    security: {
      ...login,
      java: secured.properties(login),
      librdkafka: librdkafkaSettings(login),
    },
  };
}
