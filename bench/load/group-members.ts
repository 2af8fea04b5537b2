/** Brings all members of a classic consumer group into one settled generation. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSING } from './admin.ts';
import type { ControlClient } from './control-client.ts';
import { checkError, LoadError } from './load-error.ts';

const UNKNOWN_MEMBER = 25;
const ILLEGAL_GENERATION = 22;
const REBALANCE_IN_PROGRESS = 27;
const MEMBER_ID_REQUIRED = 79;
const REJOIN = new Set([UNKNOWN_MEMBER, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS]);
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 20;

export interface Membership {
  readonly memberId: string;
  readonly generation: number;
}

interface Joined extends Membership {
  readonly error: number;
  /** Known to the leader only. */
  readonly members: readonly string[];
}

export async function joinAll(
  clients: readonly ControlClient[],
  group: string,
): Promise<Membership[]> {
  const seats: (Joined | undefined)[] = clients.map(() => undefined);
  const settled = (): boolean =>
    seats.every((seat) => seat !== undefined && seat.generation === seats[0]?.generation) &&
    seats.some((seat) => seat?.members.length === clients.length);
  await Promise.all(clients.map((client, at) => holdSeat(client, group, seats, at, settled)));
  return seats as Membership[];
}

/** Joins again as often as a rebalance asks for it, until all are in. */
async function holdSeat(
  client: ControlClient,
  group: string,
  seats: (Joined | undefined)[],
  at: number,
  settled: () => boolean,
): Promise<void> {
  let memberId = '';
  const deadline = Date.now() + PATIENCE_MS;
  while (!settled()) {
    if (Date.now() > deadline) throw new LoadError(`${group} does not settle within a minute`);
    const joined = await tryJoin(client, group, memberId);
    memberId = joined.error === UNKNOWN_MEMBER ? '' : joined.memberId;
    if (joined.error !== 0) {
      const passing = joined.error === MEMBER_ID_REQUIRED || REJOIN.has(joined.error);
      if (!passing && !PASSING.has(joined.error)) checkError(joined.error, 'JoinGroup');
      continue;
    }
    if (await mustRejoin(trySync(client, group, joined), 'SyncGroup')) continue;
    seats[at] = joined;
    while (!settled()) {
      await sleep(LOOK_EVERY_MS);
      if (await mustRejoin(tryHeartbeat(client, group, joined), 'Heartbeat')) break;
    }
  }
}

async function mustRejoin(answer: Promise<number>, what: string): Promise<boolean> {
  const error = await answer;
  if (REJOIN.has(error)) return true;
  checkError(error, what);
  return false;
}

async function tryJoin(client: ControlClient, group: string, memberId: string): Promise<Joined> {
  const reader = await client.request('joinGroup', (writer) => {
    writer.string(group).int32(45_000).int32(PATIENCE_MS).string(memberId).nullString();
    writer.string('consumer').int32(1).string('range').bytes(Buffer.alloc(6));
  });
  reader.int32();
  const error = reader.int16();
  const generation = reader.int32();
  reader.string();
  reader.string();
  const ownId = reader.string();
  const members = reader.array(() => {
    const id = reader.string();
    reader.string();
    reader.bytes();
    return id;
  });
  return { error, generation, memberId: ownId, members };
}

async function trySync(client: ControlClient, group: string, joined: Joined): Promise<number> {
  const reader = await client.request('syncGroup', (writer) => {
    writer.string(group).int32(joined.generation).string(joined.memberId).nullString();
    writer.array(joined.members, (id) => {
      writer.string(id).bytes(Buffer.alloc(6));
    });
  });
  reader.int32();
  return reader.int16();
}

async function tryHeartbeat(
  client: ControlClient,
  group: string,
  membership: Membership,
): Promise<number> {
  const reader = await client.request('heartbeat', (writer) => {
    writer.string(group).int32(membership.generation).string(membership.memberId).nullString();
  });
  reader.int32();
  return reader.int16();
}
