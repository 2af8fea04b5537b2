import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/** Heartbeat (12), versions 0 to 4, served by the group's coordinator. */
export const heartbeat = forOneGroup(API.HEARTBEAT, '0-4');
