import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterEach, beforeEach, expect, test } from 'vitest';

const CLEAN_FILE = '.kafka_cleanshutdown';

let other: EmbeddedBroker;
let dataDir: string;

beforeEach(async () => {
  other = await startBroker();
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-failed-start-'));
});

afterEach(async () => {
  await other.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The workers close their logs when they are told to stop. Only then the stop is a clean one. */
test.each([0, 2])(
  'a start on a port in use ends its workers (num.io.threads=%i)',
  async (threads) => {
    const config = { 'num.io.threads': threads };
    await expect(startBroker({ dataDir, config, port: other.port })).rejects.toThrow('in use');
    expect(existsSync(join(dataDir, CLEAN_FILE))).toBe(true);
    const broker = await startBroker({ dataDir, config });
    await broker.createTopic('works');
    await broker.close();
  },
);

test('a start whose HTTP listener cannot open ends its workers', async () => {
  const taken = new URL(other.httpUrl).host;
  const config = { 'millrace.http.listener': taken, 'num.io.threads': 1 };
  await expect(startBroker({ dataDir, config })).rejects.toThrow('millrace.http.listener');
  expect(existsSync(join(dataDir, CLEAN_FILE))).toBe(true);
});
