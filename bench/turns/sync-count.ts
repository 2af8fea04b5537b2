/** How many fdatasync calls a broker has made, where its metrics tell. */
import type { BrokerProcess } from '../brokers/broker-process.ts';

const METRIC = /^millrace_syncs_total(?:\{[^}]*\})? (\S+)$/gm;

export async function syncCountOf(broker: BrokerProcess): Promise<number | undefined> {
  if (broker.httpUrl === '') return undefined;
  const answer = await fetch(`${broker.httpUrl}/metrics`);
  const lines = [...(await answer.text()).matchAll(METRIC)];
  if (lines.length === 0) return undefined;
  return lines.reduce((sum, line) => sum + Number(line[1]), 0);
}
