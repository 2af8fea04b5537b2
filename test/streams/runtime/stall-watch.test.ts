import { describe, expect, it } from 'vitest';
import type { KafkaError } from '#millrace/client/errors/kafka-error';
import { StallWatch } from '#millrace/streams/runtime/stall-watch';

function watch(taskTimeoutMs = 300_000) {
  const told: string[] = [];
  const onError = ({ message }: KafkaError) => told.push(message);
  return { told, stalls: new StallWatch({ taskTimeoutMs, onError }) };
}

describe('what waits for long', () => {
  it('is told after half a minute, and again whenever the time has doubled', () => {
    const { told, stalls } = watch();
    for (let seconds = 0; seconds <= 130; seconds++) {
      stalls.look([{ sinceMs: 0, what: 'a call has not ended' }], seconds * 1_000);
    }
    expect(told).toEqual([
      'for 30 s, a call has not ended',
      'for 60 s, a call has not ended',
      'for 120 s, a call has not ended',
    ]);
  });

  it('is told earlier where task.timeout.ms is less', () => {
    const { told, stalls } = watch(500);
    stalls.look([{ sinceMs: 0, what: 'a call has not ended' }], 499);
    stalls.look([{ sinceMs: 0, what: 'a call has not ended' }], 700);
    expect(told).toEqual(['for 0.7 s, a call has not ended']);
  });

  it('begins anew where it got on or was over meanwhile', () => {
    const { told, stalls } = watch();
    stalls.look([{ sinceMs: 0, what: 'a' }], 29_000);
    stalls.look([{ sinceMs: 20_000, what: 'a' }], 45_000);
    stalls.look([], 46_000);
    stalls.look([{ sinceMs: 20_000, what: 'a' }], 50_000);
    expect(told).toEqual(['for 30 s, a']);
    stalls.look([{ sinceMs: 20_000, what: 'a' }], 51_000);
    expect(told).toHaveLength(1);
  });
});
