import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/** JoinGroup (11), versions 0 to 9, served by the group's coordinator. */
export const joinGroup = forOneGroup(API.JOIN_GROUP, '0-9');
