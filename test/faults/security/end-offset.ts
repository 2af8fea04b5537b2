import { WireClient } from '../../support/wire-client.ts';
import { offsetAt } from '../../support/wire-requests.ts';

const LATEST = -1;

/** How many records partition 0 of a topic has been given. */
export async function endOffsetOf(port: number, topic: string): Promise<number> {
  const client = await WireClient.open(port);
  const { offset } = await offsetAt(client, topic, LATEST);
  client.close();
  return offset;
}
