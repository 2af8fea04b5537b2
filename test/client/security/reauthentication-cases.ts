import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { allRequired } from '../../../src/client/admin/outcome.ts';
import {
  Admin,
  type KafkaError,
  Producer,
  type SaslOptions,
  text,
  topic,
} from '../../../src/client/index.ts';
import { PASSWORDS, SESSION_MS, type SecuredCluster } from '../../support/secured-cluster.ts';
import { administrator, nameFor } from './set-up.ts';

const SESSIONS = 2.5;

/** Sends for some sessions; says how many connections were opened for it and what went wrong. */
async function sendFor(cluster: SecuredCluster, sasl: SaslOptions) {
  const name = nameFor('ada');
  await using admin = administrator(cluster);
  allRequired(await admin.topics.create([{ name, partitions: 1, replicationFactor: 1 }]));
  const errors: KafkaError[] = [];
  const onError = (error: KafkaError) => errors.push(error);
  const options = { ...cluster.userOf(sasl, 'REAUTH'), lingerMs: 0, onError };
  await using producer = new Producer(options);
  const words = topic(name, { value: text });
  await producer.send(words, { value: 'first' });
  const opened = producer.metrics.snapshot().client['connection-creation-total'];
  let last = -1;
  const endMs = performance.now() + SESSIONS * SESSION_MS;
  for (; performance.now() < endMs; await sleep(20)) {
    last = (await producer.send(words, { value: 'next' })).offset;
  }
  const { client } = producer.metrics.snapshot();
  return { errors, sent: last, more: client['connection-creation-total'] - opened };
}

/** The broker ends the sessions of this listener: the connections live on where they are renewed. */
export function reauthenticationCases(cluster: () => SecuredCluster): void {
  describe('a session that ends', () => {
    it.each(['PLAIN', 'SCRAM-SHA-256'] as const)(
      'is renewed in time with %s',
      async (mechanism) => {
        const sasl = { mechanism, username: 'ada', password: PASSWORDS.ada };
        const { errors, sent, more } = await sendFor(cluster(), sasl);
        expect(errors).toEqual([]);
        expect(more).toBe(0);
        expect(sent).toBeGreaterThan(20);
      },
    );
  });
}

export function tokenReauthenticationCases(
  cluster: () => SecuredCluster,
  tokenFor: (name: string, lifetimeS: number) => string,
): void {
  describe('a session that a token began', () => {
    it('asks for a token again, on the same connections', async () => {
      const values = new Set<string>();
      const token = () => {
        const value = tokenFor('ada', 60 + values.size);
        values.add(value);
        return { value };
      };
      const { errors, more } = await sendFor(cluster(), { mechanism: 'OAUTHBEARER', token });
      expect(errors).toEqual([]);
      expect(more).toBe(0);
      // One for each connection, and for each of its sessions.
      expect(values.size).toBeGreaterThan(4);
    });

    it('ends with the token where that is sooner, and is renewed before', async () => {
      let calls = 0;
      const token = () => {
        calls++;
        return { value: tokenFor('ada', 2) };
      };
      const sasl: SaslOptions = { mechanism: 'OAUTHBEARER', token };
      const errors: KafkaError[] = [];
      const onError = (error: KafkaError) => errors.push(error);
      await using admin = new Admin({ ...cluster().userOf(sasl), onError });
      await admin.topics.list();
      const { client } = admin.metrics.snapshot();
      const before = calls;
      await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(before + 1);
      await admin.topics.list();
      expect(errors).toEqual([]);
      const opened = admin.metrics.snapshot().client['connection-creation-total'];
      expect(opened).toBe(client['connection-creation-total']);
    });

    it('tells where the next token is refused, and goes on with one that is not', async () => {
      const name = nameFor('ada');
      await using admin = administrator(cluster());
      allRequired(await admin.topics.create([{ name, partitions: 1, replicationFactor: 1 }]));
      let isRefused = false;
      const token = () => ({ value: isRefused ? tokenFor('ada', -60) : tokenFor('ada', 60) });
      const errors: KafkaError[] = [];
      const onError = (error: KafkaError) => errors.push(error);
      const options = cluster().userOf({ mechanism: 'OAUTHBEARER', token }, 'REAUTH');
      await using producer = new Producer({ ...options, lingerMs: 0, onError });
      const words = topic(name, { value: text });
      await producer.send(words, { value: 'first' });
      isRefused = true;
      await expect
        .poll(() => errors[0], { timeout: 10_000 })
        .toMatchObject({
          code: 'SASL_AUTHENTICATION_FAILED',
          category: 'invalid-configuration',
        });
      // The session of the connection that carries records may end last.
      let stored = 1;
      const refusal = async () => {
        try {
          await producer.send(words, { value: 'refused' });
          stored++;
          return null;
        } catch (thrown) {
          return (thrown as KafkaError).code;
        }
      };
      await expect.poll(refusal, { timeout: 10_000 }).toBe('SASL_AUTHENTICATION_FAILED');
      isRefused = false;
      expect((await producer.send(words, { value: 'again' })).offset).toBe(stored);
    });
  });
}
