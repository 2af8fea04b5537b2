/** OffsetCommit (v7) of a simple consumer: generation -1, one group for each connection. */
import { openCoordinator } from './admin.ts';
import { LoadConnection } from './load-connection.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import { RequestLane } from './request-lane.ts';
import { RequestWriter } from './request-writer.ts';

const OFFSET_COMMIT = 8;
const VERSION = 7;

interface CommitFrame {
  readonly bytes: Buffer;
  readonly offsetAt: number;
}

function commitFrame(group: string, topic: string, partition: number): CommitFrame {
  const writer = new RequestWriter(OFFSET_COMMIT, VERSION, 0, false);
  writer.string(group).int32(-1).string('').nullString();
  writer.int32(1).string(topic).int32(1).int32(partition);
  const offsetAt = writer.position;
  writer.int64(0).int32(-1).nullString();
  return { bytes: writer.finish(), offsetAt };
}

export class CommitLoad implements Load {
  readonly #lanes: readonly RequestLane[];

  private constructor(lanes: readonly RequestLane[]) {
    this.#lanes = lanes;
  }

  static async open(setup: LoadSetup): Promise<CommitLoad> {
    const { options, topics, meter, onFailed } = setup;
    const lanes: RequestLane[] = [];
    const topic = topics[0]!;
    // correlation 4, throttle 4, count 4, name 2 + length, count 4, partition 4
    const errorAt = 4 + 4 + 4 + 2 + Buffer.byteLength(topic) + 4 + 4;
    for (let index = 0; index < options.connections; index++) {
      const group = `${topic}-group-${index}`;
      await openCoordinator(setup.control(), group, topic);
      const connection = await LoadConnection.open(options.host, options.port);
      const frames = Array.from({ length: options.inFlight }, () =>
        commitFrame(group, topic, index % options.partitions),
      );
      const { offsetAt } = frames[0]!;
      let committed = 0;
      const settings = {
        name: 'OffsetCommit',
        frames: frames.map((frame) => frame.bytes),
        errorAt,
        prepare: (frame: Buffer) => {
          frame.writeUInt32BE(committed++, offsetAt + 4);
        },
      };
      const lane = new RequestLane(connection, settings, meter);
      lane.onFailed = onFailed;
      lanes.push(lane);
    }
    return new CommitLoad(lanes);
  }

  start(): void {
    for (const lane of this.#lanes) lane.runClosedLoop();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}
