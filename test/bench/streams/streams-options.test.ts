import { describe, expect, it } from 'vitest';
import {
  type ApplicationSetup,
  applicationArgs,
  readApplicationSetup,
} from '../../../bench/streams/application-setup.ts';
import { readStreamsOptions } from '../../../bench/streams/streams-options.ts';
import { STREAMS_SCENARIOS } from '../../../bench/streams/streams-scenarios.ts';

const read = (text: string) => readStreamsOptions(`--suite streams ${text}`.trim().split(' '));

describe('the command line of the streams suite', () => {
  it('takes all rows where none is named', () => {
    expect(read('')).toEqual({
      broker: 'millrace',
      against: undefined,
      scenarios: STREAMS_SCENARIOS,
      seconds: 4,
      warmupSeconds: 2,
      rounds: 2,
      json: false,
    });
  });

  for (const scenario of STREAMS_SCENARIOS) {
    it(`knows ${scenario.name}, which has targets`, () => {
      const options = read(`--only ${scenario.name} --seconds 1.5 --against java --broker kafka`);
      expect(options).toMatchObject({ scenarios: [scenario], seconds: 1.5, broker: 'kafka' });
      expect(options?.against).toBe('java');
      expect(scenario.targets.length).toBeGreaterThan(0);
    });
  }

  it('only lists where that is asked', () => {
    expect(read('--list')).toBeUndefined();
  });

  for (const [text, complaint] of [
    ['--only streams-nothing', 'no scenario "streams-nothing"'],
    ['--seconds 0', '--seconds takes a number above 0, not "0"'],
    ['--rounds 1.5', '--rounds takes a whole number, not "1.5"'],
    ['--broker nats', '--broker knows millrace and kafka, not "nats"'],
    ['--against kafka', '--against knows java, kafkats, kafka-streams, not "kafka"'],
  ] as const) {
    it(`refuses ${text}`, () => {
      expect(() => read(text)).toThrow(complaint);
    });
  }
});

it('tells an application all of its setup', () => {
  const setup: ApplicationSetup = {
    load: 'flow',
    bootstrap: '127.0.0.1:9092',
    topology: 'join',
    guarantee: 'exactly_once_v2',
    application: 'app',
    stateDir: 'state',
    input: 'in',
    table: 'rows',
    output: 'out',
    records: 7,
    warmupMs: 1,
    measureMs: 2,
  };
  expect(readApplicationSetup(applicationArgs(setup))).toEqual(setup);
});
