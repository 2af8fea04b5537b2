/**
 * The life of a streams group over the wire. `kafka-4.3.1.json` says what Apache Kafka answers; it
 * is written anew by
 * `MILLRACE_TAKE_STREAMS=1 npx vitest run --config test/vitest.config.ts test/front/streams`, and
 * then formatted by `npm run format`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { startBroker } from 'millrace';
import { describe, expect, test } from 'vitest';
import { Broker } from '../../conformance/lib/brokers.mjs';
import { WireClient } from '../../support/wire-client.ts';
import { type Answers, SCENARIO_CONFIG, StreamsScenario } from './streams-scenario.ts';

const FILE = new URL('./kafka-4.3.1.json', import.meta.url);
const SCENARIO_MS = 120_000;

async function play(port: number): Promise<Answers> {
  const client = await WireClient.open(port);
  const answers = await new StreamsScenario(client).play();
  client.close();
  return JSON.parse(JSON.stringify(answers)) as Answers;
}

describe.skipIf(process.env.MILLRACE_TAKE_STREAMS !== '1')('(with MILLRACE_TAKE_STREAMS=1)', () => {
  test(
    'what Apache Kafka answers is written down',
    async () => {
      const broker = await Broker.start('kafka', { config: SCENARIO_CONFIG });
      try {
        writeFileSync(FILE, `${JSON.stringify(await play(broker.port), null, 2)}\n`);
      } finally {
        await broker.discard();
      }
    },
    SCENARIO_MS,
  );
});

test(
  'a streams group lives on millrace as on Apache Kafka, answer by answer',
  async () => {
    const expected = JSON.parse(readFileSync(FILE, 'utf8')) as Answers;
    await using broker = await startBroker({ config: SCENARIO_CONFIG });
    const answers = await play(broker.port);
    expect(answers.map(([what]) => what)).toEqual(expected.map(([what]) => what));
    for (const [index, [what, answer]] of answers.entries()) {
      expect(answer, what).toEqual(expected[index]![1]);
    }
  },
  SCENARIO_MS,
);
