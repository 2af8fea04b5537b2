import { expect, test } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { getAll, makeTopic, put } from './traffic.ts';

const FATAL = 70;

test.each([
  ['an exception in a worker', 'throw', 1, /worker 0 died: Error: a fail point threw/],
  ['process.exit in a worker', 'exit', 1, /worker 0 died: exit code 3/],
  ['memory that runs out in a worker', 'exhaust', 1, /worker 0 died: .*memory|heap/i],
  ["an exception in the front's own worker", 'throw', 0, /worker died: Error: a fail point threw/],
])(
  '%s ends the process, with the reason',
  async (_, action, threads, reason) => {
    const broker = await BrokerProcess.start({
      config: { 'num.io.threads': threads },
      env: {
        MILLRACE_FAIL_POINT: `append-after-index:20:${action}`,
        NODE_OPTIONS: '--max-old-space-size=150',
      },
    });
    const client = await WireClient.open(broker.port);
    await makeTopic(client, 'topic');
    let acknowledged = 0;
    let failedAtMs = 0;
    try {
      for (;;) {
        failedAtMs = performance.now();
        const { error } = await put(client, 'topic', 0, Buffer.from(String(acknowledged)), 1);
        if (error === 0) acknowledged++;
      }
    } catch {
      // The connection ended with the process.
    }
    const how = await broker.ended;
    // The heap of a worker takes a while to fill; the others are over at once.
    const msMax = action === 'exhaust' ? 20_000 : 1500;
    expect(performance.now() - failedAtMs).toBeLessThan(msMax);
    expect(how).toBe(FATAL);
    expect(broker.log).toMatch(reason);
    expect(acknowledged).toBe(19);
    const again = await BrokerProcess.start({ dataDir: broker.dataDir });
    const reader = await WireClient.open(again.port);
    const values = await getAll(reader, 'topic', 0);
    expect(values.length).toBeGreaterThanOrEqual(acknowledged);
    expect(values.slice(0, acknowledged)).toEqual(
      Array.from({ length: acknowledged }, (_, i) => String(i)),
    );
    reader.close();
    await again.kill();
    await broker.kill();
  },
  60_000,
);
