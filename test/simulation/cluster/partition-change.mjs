/**
 * How Kafka's controllers change a partition (PartitionChangeBuilder): who leads, who is in sync,
 * and who may be elected although it is not (KIP-966).
 */
export const NO_LEADER = -1;
export const RECOVERED = 0;
const RECOVERING = 1;

/**
 * The state after a change, or null where it changes nothing. `uncleanReplica` has stopped without
 * closing its logs.
 */
export function changed(
  partition,
  wantedIsr,
  { isAcceptable, minInSync, usesElr, uncleanReplica = NO_LEADER, recovery: wantedRecovery },
) {
  let isr = wantedIsr;
  let elr = usesElr ? eligible(partition, isr, minInSync, uncleanReplica) : [];
  let { lastKnownElr } = partition;
  let recovery = wantedRecovery ?? partition.recovery;
  const isValid = (id) =>
    (isr.includes(id) || (isr.length === 0 && elr.includes(id))) && isAcceptable(id);
  let leader = isValid(partition.leader)
    ? partition.leader
    : (partition.replicas.find(isValid) ?? NO_LEADER);
  const hasNobody = leader === NO_LEADER && usesElr && isr.length + elr.length === 0;
  if (hasNobody && lastKnownElr.length === 1 && isAcceptable(lastKnownElr[0])) {
    [leader] = lastKnownElr;
    isr = [leader];
    recovery = RECOVERING;
  }
  if (leader !== partition.leader && elr.includes(leader)) {
    isr = [leader];
    elr = elr.filter((id) => id !== leader);
  }
  if (isr.length === 0 && !usesElr) isr = partition.isr;
  if (usesElr && leader === NO_LEADER && lastKnownElr.length === 0)
    lastKnownElr = [partition.leader];
  else if (leader !== NO_LEADER) lastKnownElr = [];
  return different(partition, { isr, elr, lastKnownElr, leader, recovery });
}

function eligible({ elr, isr }, wantedIsr, minInSync, uncleanReplica) {
  if (wantedIsr.length >= minInSync) return [];
  const candidates = new Set([...elr, ...isr]);
  return [...candidates].filter((id) => !wantedIsr.includes(id) && id !== uncleanReplica);
}

/** A leader that is elected begins an epoch, and every change one of the partition. */
function different(before, after) {
  const isSame = Object.keys(after).every((name) => `${after[name]}` === `${before[name]}`);
  if (isSame) return null;
  const isElection = after.leader !== before.leader;
  return {
    ...before,
    ...after,
    leaderEpoch: before.leaderEpoch + (isElection ? 1 : 0),
    partitionEpoch: before.partitionEpoch + 1,
  };
}

/** The record that leads from one state to the other. */
export function changeRecord(before, after) {
  const unless = (name) => (`${before[name]}` === `${after[name]}` ? null : after[name]);
  return {
    kind: 'partitionChange',
    body: {
      topicId: after.topicId,
      partitionId: after.index,
      isr: unless('isr'),
      leader: after.leader === before.leader ? -2 : after.leader,
      leaderRecoveryState: after.recovery === before.recovery ? -1 : after.recovery,
      eligibleLeaderReplicas: unless('elr'),
      lastKnownElr: unless('lastKnownElr'),
    },
  };
}
