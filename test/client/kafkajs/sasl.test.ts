import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Kafka, type KafkaConfig, logLevel } from '../../../src/client/kafkajs/index.ts';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';

type Sasl = NonNullable<KafkaConfig['sasl']>;

const LENGTH_BYTES = 4;
const authority = new ThrowAwayAuthority();
const issued = authority.issue({ commonName: 'localhost', hosts: ['localhost', '127.0.0.1'] });
const PASSWORDS = { username: 'alice', password: 'secret' };
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const WORDS = {
  plain: 'SASL PLAIN authentication failed',
  'scram-sha-256': 'SASL SCRAM SHA256 authentication failed',
  'scram-sha-512': 'SASL SCRAM SHA512 authentication failed',
};

function withLength(text: string): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(text));
  bytes.writeInt32BE(bytes.length - LENGTH_BYTES);
  bytes.write(text, LENGTH_BYTES);
  return bytes;
}

/** PLAIN as a program would write it that brings its own mechanism. */
function ownPlain(request: Buffer, answers: string[]): Sasl {
  return {
    mechanism: 'plain',
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const answer = await saslAuthenticate({
          request: { encode: () => request },
          response: {
            decode: (raw) => raw.subarray(LENGTH_BYTES, LENGTH_BYTES + raw.readInt32BE(0)),
            parse: (bytes) => bytes.toString(),
          },
        });
        answers.push(answer ?? 'none');
      },
    }),
  };
}

describe.each(['SASL_PLAINTEXT', 'SASL_SSL'])('the façade on a listener of %s', (protocol) => {
  let broker: EmbeddedBroker;

  beforeAll(async () => {
    broker = await startBroker({
      config: {
        listeners: `${protocol}://127.0.0.1:0`,
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        'millrace.sasl.users': 'alice:secret',
        'connection.failed.authentication.delay.ms': 20,
        'ssl.keystore.certificate.chain': issued.certificate,
        'ssl.keystore.key': issued.key,
      },
    });
  });

  afterAll(() => broker.close());

  const ssl = protocol === 'SASL_SSL' ? { ca: [authority.certificate] } : false;

  function kafkaOf(sasl: Sasl): Kafka {
    const brokers = [broker.bootstrapServers];
    return new Kafka({ brokers, ssl, sasl, logLevel: logLevel.NOTHING, retry: { retries: 1 } });
  }

  it.each(MECHANISMS)('sends and reads with %s', async (mechanism) => {
    const kafka = kafkaOf({ mechanism, ...PASSWORDS });
    const topic = `with-${mechanism}`;
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'hello' }] });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const values: string[] = [];
    await consumer.run({
      eachMessage: async ({ message }) => void values.push(`${message.value}`),
    });
    await expect.poll(() => values, { timeout: 10_000 }).toEqual(['hello']);
    await consumer.disconnect();
  });

  it.each(MECHANISMS)('says that %s failed where the password is wrong', async (mechanism) => {
    const producer = kafkaOf({ mechanism, username: 'alice', password: 'wrong' }).producer();
    const thrown = await producer.connect().catch((error: Error) => error);
    expect(thrown).toMatchObject({ message: expect.stringContaining(WORDS[mechanism]) });
    await producer.disconnect();
  });

  it('lets a mechanism of the program write and read its own bytes', async () => {
    const answers: string[] = [];
    const admin = kafkaOf(ownPlain(withLength('\0alice\0secret'), answers)).admin();
    await admin.connect();
    expect(await admin.listTopics()).toBeInstanceOf(Array);
    expect(answers[0]).toBe('');
    await admin.disconnect();
    const wrong = kafkaOf(ownPlain(Buffer.from('\0alice\0secret'), answers)).admin();
    await expect(wrong.connect()).rejects.toThrow('begin with the number of its bytes');
    await wrong.disconnect();
  });
});
