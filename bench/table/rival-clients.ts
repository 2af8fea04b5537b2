/** Other clients that `--against` knows; npm's names are names of them as well. */
export const RIVAL_CLIENTS = ['kafkajs', 'platformatic', 'confluent', 'java'] as const;
export type RivalClient = (typeof RIVAL_CLIENTS)[number];

const ALSO: Readonly<Record<string, RivalClient>> = {
  '@platformatic/kafka': 'platformatic',
  '@confluentinc/kafka-javascript': 'confluent',
};

export function rivalClientOf(name: string): RivalClient | undefined {
  return ALSO[name] ?? RIVAL_CLIENTS.find((client) => client === name);
}
