/** One client of Node, millrace's or another, with a load that most of them can do. */
import { ownProgram, rivalProgram } from '../client/client-programs.ts';
import { CLIENT_SCENARIOS, type ClientScenario } from '../client/client-scenarios.ts';
import { clientTurn } from '../client/client-turn.ts';
import type { Command } from '../harness/command.ts';

const LOADS = ['produce', 'singles', 'produce-all', 'consume-batches', 'consume-records'];
const NAMES = ['millrace', 'portable', 'kafkajs', 'platformatic', 'confluent'] as const;

/** The scenario of the client suite that has this load. */
function scenarioOf(load: string): ClientScenario {
  return CLIENT_SCENARIOS.find(({ rivalLoad }) => rivalLoad === load)!;
}

export const CLIENT: Command = {
  name: 'client',
  summary: 'one client of Node, flat out with records of 100 bytes: rate and processor time',
  options: {
    name: {
      takes: 'choice',
      unless: 'millrace',
      choices: NAMES,
      help: 'portable is millrace’s without the addon',
    },
    load: {
      takes: 'choice',
      unless: 'produce',
      choices: LOADS,
      help: 'produce-all is acks=all; singles awaits 5,000 at once',
    },
  },
  rivals: ['kafka'],
  seconds: 3,
  plan(options) {
    const name = options.text('name') as (typeof NAMES)[number];
    const scenario = scenarioOf(options.text('load'));
    return async (who, { warmupSeconds, seconds, note }) => {
      if (name !== 'millrace') note(`${name} is made ready, which takes minutes the first time`);
      const program = name === 'millrace' ? ownProgram(name) : await rivalProgram(name);
      if (typeof program === 'string') throw new Error(`${name} cannot be had: ${program}`);
      const broker = await who.shared();
      return { figures: await clientTurn(scenario, program, broker, { warmupSeconds, seconds }) };
    };
  },
};
