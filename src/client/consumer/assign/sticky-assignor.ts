import type { MemberState, PartitionAssignor } from './assignor.ts';
import { ProtocolReader } from './protocol-reader.ts';
import { ProtocolWriter } from './protocol-writer.ts';
import { stickyAssignment } from './sticky-assignment.ts';

const NO_GENERATION = -1;
const NOTHING: MemberState = { owned: [], generation: NO_GENERATION };

/** Even, and as much as possible stays where it was. Members give everything up while they join. */
export const stickyAssignor: PartitionAssignor = {
  name: 'sticky',
  protocol: 'eager',
  /** `[topic [partition]] generation`, as Kafka's StickyAssignor writes it. */
  userData({ owned, generation }) {
    if (owned.length === 0) return null;
    return new ProtocolWriter().partitions(owned).int32(generation).finish();
  },
  assign(counts, members) {
    return stickyAssignment(counts, members, ({ userData }) => readUserData(userData));
  },
};

function readUserData(userData: Uint8Array | null): MemberState {
  if (userData === null || userData.length === 0) return NOTHING;
  return (
    ProtocolReader.tryRead(userData, (reader) => {
      const owned = reader.partitions();
      // The first version had no generation.
      const generation = reader.isAtEnd ? NO_GENERATION : reader.int32();
      return { owned, generation };
    }) ?? NOTHING
  );
}
