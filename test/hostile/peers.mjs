/** What the peers of all attacks are made of. */
import { encodeRequest } from '../../dist/protocol/index.js';

const HEADER = { correlationId: 1, clientId: 'hostile' };

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A request with its length. */
export function frame(apiKey, version, body) {
  const bytes = encodeRequest(apiKey, version, HEADER, body);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Does it `perSecond` times a second for so long, and waits for all of them. */
export async function atRate(perSecond, seconds, act) {
  const startedMs = performance.now();
  const acts = [];
  for (let done = 0; done < perSecond * seconds; ) {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * perSecond);
    for (; done < due; done++) acts.push(act());
    await sleep(5);
  }
  await Promise.all(acts);
}

export function closeAll(peers) {
  for (const peer of peers) peer.destroy();
  peers.length = 0;
}
