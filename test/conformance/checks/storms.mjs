/** A short rebalance storm with each real client; `npm run storm` has the long ones. */

import { STORMS } from '../../storm/clients.mjs';
import { Storm } from '../../storm/storm.mjs';

const SECONDS = 12;
const SHAPE = { seconds: SECONDS, members: 20, everyMs: 200, seed: 1 };

async function storms(context) {
  const broker = await context.broker();
  for (const { client, protocol, command } of STORMS) {
    const name = context.unique(`storm-${client}-${protocol}`);
    const program = await command();
    await context.step(`${client}, ${protocol} protocol: ${SECONDS} s`, () => {
      return new Storm({ ...SHAPE, command: program, port: broker.port, name, protocol }).run();
    });
  }
}

export const stormChecks = [
  {
    name: 'group-storm',
    proves: 'a member comes or goes every 200 ms: no partition with two owners, no offset back',
    needs: 'go, npm',
    command: 'npm run storm -- --seconds 12',
    sets: ['full', 'groups'],
    limitS: 300,
    run: storms,
  },
];
