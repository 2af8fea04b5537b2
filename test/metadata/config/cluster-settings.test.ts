import { expect, test } from 'vitest';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { brokerSettings } from '../../../src/metadata/config/broker-settings.ts';

const settings = (config: Record<string, string>) => {
  return brokerSettings(BrokerConfig.of(new Map(Object.entries(config)))).cluster;
};
const OBSERVER = { 'process.roles': 'observer' };
const SERVERS = { 'controller.quorum.bootstrap.servers': 'a:1,[::1]:2' };

test('a node that decides alone has none, whatever controllers it names', () => {
  expect(settings({})).toBe(null);
  expect(settings(SERVERS)).toBe(null);
  expect(settings({ 'process.roles': 'broker,controller', ...SERVERS })).toBe(null);
  expect(settings({ 'process.roles': 'broker' })).toBe(null);
});

test('who is a broker and no controller belongs to the cluster of those that it names', () => {
  const BROKER = { 'process.roles': 'broker', ...SERVERS };
  expect(settings(BROKER)).toMatchObject({
    role: 'broker',
    heartbeatMs: 2000,
    watermarkCheckpointMs: 5000,
    sessionMs: 9000,
    brokerListener: 'PLAINTEXT',
  });
  const internal = { 'inter.broker.listener.name': 'internal' };
  expect(settings({ ...BROKER, ...internal })?.brokerListener).toBe('INTERNAL');
  const protocol = { 'security.inter.broker.protocol': 'SSL' };
  expect(settings({ ...BROKER, ...protocol })?.brokerListener).toBe('SSL');
});

test('followers fetch as they are told', () => {
  const replicas = {
    'replica.fetch.max.bytes': '101',
    'replica.fetch.response.max.bytes': '102',
    'replica.fetch.min.bytes': '103',
    'replica.fetch.wait.max.ms': '104',
    'replica.fetch.backoff.ms': '105',
    'replica.socket.timeout.ms': '106',
    'socket.connection.setup.timeout.ms': '107',
    'num.replica.fetchers': '8',
  };
  expect(settings({ ...OBSERVER, ...SERVERS, ...replicas })?.replicas).toEqual({
    partitionBytesMax: 101,
    answerBytesMax: 102,
    bytesMin: 103,
    waitMaxMs: 104,
    backOffMs: 105,
    timeoutMs: 106,
    connectTimeoutMs: 107,
    fetchers: 8,
  });
});

test('an observer finds controllers by the bootstrap servers, or else among the voters', () => {
  const voters = { 'controller.quorum.voters': '1@c:3,2@d:4' };
  expect(settings({ ...OBSERVER, ...SERVERS, ...voters })).toMatchObject({
    bootstrap: [
      { host: 'a', port: 1 },
      { host: '::1', port: 2 },
    ],
    fetchTimeoutMs: 2000,
    retryMs: 20,
  });
  expect(settings({ ...OBSERVER, ...voters })?.bootstrap).toEqual([
    { host: 'c', port: 3 },
    { host: 'd', port: 4 },
  ]);
});

test('what cannot be meant is refused', () => {
  const bad = (config: Record<string, string>) => expect(() => settings(config));
  bad(OBSERVER).toThrow('controller.quorum.bootstrap.servers names no controller');
  bad({ 'process.roles': 'observer,broker', ...SERVERS }).toThrow('observer goes with no other');
  const wait = { ...OBSERVER, ...SERVERS, 'replica.fetch.wait.max.ms': '700' };
  const tooShort = 'replica.fetch.wait.max.ms is 700, and';
  bad({ ...wait, 'replica.socket.timeout.ms': '600' }).toThrow(`${tooShort} replica.socket`);
  bad({ ...wait, 'replica.lag.time.max.ms': '600' }).toThrow(`${tooShort} replica.lag.time.max.ms`);
});

test('controllers and other brokers are reached as the protocols of their listeners say', () => {
  const secured = {
    ...OBSERVER,
    ...SERVERS,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:SASL_SSL,PLAINTEXT:PLAINTEXT',
    'listener.name.controller.ssl.truststore.certificates': 'PEM of controllers',
    'sasl.mechanism.controller.protocol': 'PLAIN',
  };
  const jaas = 'listener.name.controller.plain.sasl.jaas.config';
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const whole = { ...secured, [jaas]: `${login} username="b" password="secret";` };
  expect(settings(whole)).toMatchObject({
    controllers: {
      tls: { key: null, trust: { texts: ['PEM of controllers'] }, checksHost: true },
      sasl: { mechanism: 'PLAIN', username: 'b', password: 'secret' },
    },
    brokers: { tls: null, sasl: null },
  });
  const anyHost = { 'ssl.endpoint.identification.algorithm': '' };
  expect(settings({ ...whole, ...anyHost })?.controllers.tls?.checksHost).toBe(false);
  const bad = (config: Record<string, string>) => expect(() => settings(config));
  bad(secured).toThrow(`${jaas} must say who this node is`);
  bad({ ...secured, [jaas]: `${login} username="b";` }).toThrow('username and password must say');
  const kerberos = { 'sasl.mechanism.controller.protocol': 'GSSAPI' };
  bad({ ...whole, ...kerberos }).toThrow('GSSAPI: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 are spoken');
});
