import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/** ConsumerGroupHeartbeat (68), versions 0 to 1, served by the group's coordinator. */
export const consumerGroupHeartbeat = forOneGroup(API.CONSUMER_GROUP_HEARTBEAT, '0-1');
