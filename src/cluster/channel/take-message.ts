import type { Logger } from '../../base/logger.ts';
import type { MembershipSink } from '../membership/member-state.ts';
import type { MetadataSink } from '../quorum/metadata-sink.ts';
import type { ChannelMessage } from './channel-messages.ts';

/** Hands a message of the channel's thread on to the sink on the front. */
export function takeMessage(
  message: ChannelMessage,
  sink: MetadataSink,
  member: MembershipSink | null,
  logger: Logger,
): void {
  switch (message.kind) {
    case 'cluster':
      sink.onCluster(message.clusterId);
      break;
    case 'leader':
      sink.onLeader(message.leaderId, message.epoch, message.address);
      break;
    case 'snapshot':
      sink.onSnapshot();
      break;
    case 'records':
      sink.onRecords(message.records);
      break;
    case 'quorum':
      sink.onQuorum(message.record);
      break;
    case 'position':
      sink.onPosition(message.position);
      break;
    case 'member':
      member?.onMember(message.state, message.epoch);
      break;
    case 'heartbeat':
      member?.onHeartbeat(message.lateMs, message.answerMs);
      break;
    case 'log':
      logger[message.level](message.message);
      break;
  }
}
