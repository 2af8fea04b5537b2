import { describe, expect, it } from 'vitest';
import { KafkaError } from '#millrace/client/errors/kafka-error';
import { FaultPatience } from '#millrace/streams/runtime/fault-patience';
import { readStreamsOptions } from '#millrace/streams/runtime/streams-options';

const fault = new KafkaError('REQUEST_TIMED_OUT', 'no broker answers');

function patience(taskTimeoutMs: number): FaultPatience {
  const options = { bootstrapServers: 'none:1', applicationId: 'app', taskTimeoutMs };
  return new FaultPatience(readStreamsOptions({ ...options, retryBackoffMs: 1 }));
}

describe('patience with faults', () => {
  it('ends with an error that names task.timeout.ms', () => {
    expect(() => patience(0).bear(fault)).toThrow(
      'no progress within 0 ms, which is task.timeout.ms: no broker answers',
    );
  });

  it('tries again what may pass, and at once throws what may not', async () => {
    let tries = 0;
    const attempt = async () => {
      tries++;
      if (tries < 4) throw fault;
      return 'done';
    };
    expect(await patience(60_000).retry(attempt)).toBe('done');
    expect(tries).toBe(4);
    const refused = new KafkaError('TOPIC_AUTHORIZATION_FAILED', 'no right');
    const failing = patience(60_000).retry(() => Promise.reject(refused));
    await expect(failing).rejects.toBe(refused);
  });
});
