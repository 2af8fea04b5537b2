import { get, type RequestOptions } from 'node:https';
import { startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { Kafka, logLevel } from 'millrace/kafkajs';
import { describe, expect, it } from 'vitest';

const USERS = { alice: 'one "quoted"', root: 'three' };

function statusOf(url: string, options: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
    }).on('error', reject);
  });
}

describe('startBroker with security', () => {
  it('serves the calls of KafkaJS over TLS with a user, and nobody without', async () => {
    await using broker = await startBroker({ security: { users: USERS } });
    expect(broker.security.protocol).toBe('SASL_SSL');
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      const { kafkajs } = broker.security.settingsFor({ user: 'alice', mechanism });
      const kafka = new Kafka({ ...kafkajs, logLevel: logLevel.NOTHING } as never);
      const admin = kafka.admin();
      await admin.connect();
      expect(await admin.listTopics()).toEqual([]);
      await admin.disconnect();
    }
    const { ssl } = broker.security.settingsFor().kafkajs;
    const retry = { retries: 0 };
    const brokers = [broker.bootstrapServers];
    const stranger = new Kafka({
      brokers,
      ssl,
      retry,
      logLevel: logLevel.NOTHING,
    } as never).admin();
    await expect(stranger.connect()).rejects.toThrow();
    await stranger.disconnect();
    const topics = `${broker.httpUrl}/topics`;
    const { ca } = broker.security;
    expect(await statusOf(topics, { ca })).toBe(401);
    expect(await statusOf(topics, { ca, auth: `alice:${USERS.alice}` })).toBe(200);
    await expect(statusOf(topics, {})).rejects.toThrow('certificate');
  });

  it('knows clients by their certificates, and holds them to rights', async () => {
    const security = { clientCertificates: true, superUsers: ['CN=root'] };
    await using broker = await startBroker({ security });
    await broker.createTopic('secret');
    const topicsOf = async (name: string) => {
      const certificate = broker.security.issue(name);
      await using admin = new Admin(broker.security.settingsFor({ certificate }).millrace);
      const topics = await admin.topics.list();
      return topics.map((topic) => topic.name);
    };
    expect(await topicsOf('root')).toEqual(['secret']);
    expect(await topicsOf('alice')).toEqual([]);
  });

  it('gives the properties of librdkafka and of Java', async () => {
    await using broker = await startBroker({ security: { users: USERS } });
    const { librdkafka, java } = broker.security.settingsFor({ user: 'alice' });
    expect(librdkafka).toEqual({
      'bootstrap.servers': broker.bootstrapServers,
      'security.protocol': 'SASL_SSL',
      'ssl.ca.pem': broker.security.ca,
      'sasl.mechanisms': 'SCRAM-SHA-512',
      'sasl.username': 'alice',
      'sasl.password': 'one "quoted"',
    });
    expect(java).toMatchObject({
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': broker.security.ca,
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required ' +
        'username="alice" password="one \\"quoted\\"";',
    });
  });

  it('says what is wrong', async () => {
    const start = (security: object) => startBroker({ security });
    await expect(start({ users: { 'a:b': 'c' } })).rejects.toThrow('security.users: a:b');
    const certificates = start({ tls: false, clientCertificates: true });
    await expect(certificates).rejects.toThrow('over TLS only');
    await using broker = await startBroker();
    expect(() => broker.security).toThrow('not secured');
  });
});
