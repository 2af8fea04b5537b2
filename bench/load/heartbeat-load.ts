/** Members of classic consumer groups, each on a connection of its own, heartbeating in turn. */
import { openCoordinator } from './admin.ts';
import { CONTROL_API, ControlClient } from './control-client.ts';
import { joinAll, type Membership } from './group-members.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import { RequestLane } from './request-lane.ts';
import { RequestWriter } from './request-writer.ts';

function heartbeatFrame(group: string, membership: Membership): Buffer {
  const [apiKey, version] = CONTROL_API.heartbeat;
  const writer = new RequestWriter(apiKey, version, 0, false);
  writer.string(group).int32(membership.generation).string(membership.memberId).nullString();
  return writer.finish();
}

/** Joins all members of one group; each keeps the connection on which it joined. */
async function openMembers(setup: LoadSetup, group: string, count: number): Promise<RequestLane[]> {
  const { options, topics, meter, onFailed } = setup;
  await openCoordinator(setup.control(), `${group}-opened`, topics[0]!);
  const clients = await Promise.all(
    Array.from({ length: count }, () => ControlClient.connect(options.host, options.port)),
  );
  const members = await joinAll(clients, group);
  return clients.map((client, at) => {
    const frames = [heartbeatFrame(group, members[at]!)];
    const settings = { name: 'Heartbeat', frames, errorAt: ERROR_AT, prepare: () => {} };
    const lane = new RequestLane(client.release(), settings, meter);
    lane.onFailed = onFailed;
    return lane;
  });
}

/** Correlation 4, throttle 4. */
const ERROR_AT = 8;
const GROUPS_AT_ONCE = 10;

export class HeartbeatLoad implements Load {
  readonly #lanes: readonly RequestLane[];
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(lanes: readonly RequestLane[], intervalMs: number) {
    this.#lanes = lanes;
    this.#intervalMs = intervalMs;
  }

  static async open(setup: LoadSetup): Promise<HeartbeatLoad> {
    const { options } = setup;
    const perGroup = Math.ceil(options.members / options.groups);
    const lanes: RequestLane[] = [];
    for (let first = 0; first < options.groups; first += GROUPS_AT_ONCE) {
      const count = Math.min(GROUPS_AT_ONCE, options.groups - first);
      const joining = Array.from({ length: count }, (_, index) =>
        openMembers(setup, `${setup.topics[0]}-group-${first + index}`, perGroup),
      );
      lanes.push(...(await Promise.all(joining)).flat());
    }
    return new HeartbeatLoad(lanes, options.intervalMs);
  }

  /** Spreads the members evenly over the interval. */
  start(): void {
    let next = 0;
    const startMs = performance.now();
    this.#timer = setInterval(() => {
      const elapsed = (performance.now() - startMs) / this.#intervalMs;
      for (const due = elapsed * this.#lanes.length; next < due; next++) {
        this.#lanes[next % this.#lanes.length]!.send();
      }
    }, this.#intervalMs / this.#lanes.length);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}
