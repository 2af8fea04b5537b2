/** What classic consumers put into JoinGroup and SyncGroup, and how their leader shares out. */
import {
  readAssignment,
  readSubscription,
  writeAssignment,
} from '../../dist/coordination/group/classic/consumer-protocol.js';

const VERSION = 2;

/** Version 2: topics, no user data, the partitions owned, and since which generation. */
export function writeSubscription(topic, ownedPartitions, generation) {
  const name = Buffer.from(topic);
  const bytes = Buffer.alloc(
    14 + name.length + 4 + 2 + name.length + 4 * ownedPartitions.length + 8,
  );
  const writeName = (at) => bytes.writeInt16BE(name.length, at) + name.copy(bytes, at + 2);
  let at = bytes.writeInt16BE(VERSION, 0);
  at = writeName(bytes.writeInt32BE(1, at));
  at = bytes.writeInt32BE(-1, at);
  at = bytes.writeInt32BE(ownedPartitions.length > 0 ? 1 : 0, at);
  if (ownedPartitions.length > 0) {
    at = bytes.writeInt32BE(ownedPartitions.length, writeName(at));
    for (const partition of ownedPartitions) at = bytes.writeInt32BE(partition, at);
  }
  return bytes.subarray(0, bytes.writeInt32BE(generation, at));
}

export function readAssigned(topic, bytes) {
  const wanted = new Set();
  if (bytes.length === 0) return wanted;
  for (const one of readAssignment(bytes).assignedPartitions) {
    if (one.topic !== topic) throw new Error(`assigned ${one.topic}, which nobody asked for`);
    for (const partition of one.partitions) wanted.add(partition);
  }
  return wanted;
}

/** Round robin. What another member still has is given to nobody until that one gave it up. */
export function shareOut({ topic, partitions }, members) {
  const holders = new Map();
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  for (const { memberId, metadata } of sorted) {
    for (const { partitions: owned } of readSubscription(metadata).ownedPartitions) {
      for (const partition of owned) {
        holders.set(partition, [...(holders.get(partition) ?? []), memberId]);
      }
    }
  }
  const isFree = (partition, memberId) => {
    return (holders.get(partition) ?? []).every((holder) => holder === memberId);
  };
  return sorted.map(({ memberId }, rank) => {
    const own = partitions
      .map(({ partition }) => partition)
      .filter((partition) => partition % sorted.length === rank && isFree(partition, memberId));
    const assigned = own.length === 0 ? [] : [{ topic, partitions: own }];
    return { memberId, assignment: writeAssignment(assigned, VERSION) };
  });
}
