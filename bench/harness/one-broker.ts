/** The one broker, warmed, that all contestants of a suite are clients of. */
import type { RivalName } from '../scenario.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants.ts';
import { warmUp } from './warm-up.ts';

export type BrokerName = 'millrace' | 'kafka';

/** What `--broker` says. */
export function brokerNamed(text: string): BrokerName {
  if (text === 'millrace' || text === 'kafka') return text;
  throw new Error(`--broker knows millrace and kafka, not "${text}"`);
}

export async function oneBroker(
  name: BrokerName,
  folder: string,
  note: (text: string) => void,
): Promise<Contestant> {
  const against: readonly RivalName[] = name === 'kafka' ? ['kafka'] : [];
  const all = await contestants({ against, overrides: {}, profile: false }, folder, note);
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} cannot be had`);
  await warmUp(found);
  return found;
}
