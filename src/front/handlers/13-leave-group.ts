import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/** LeaveGroup (13), versions 0 to 5, served by the group's coordinator. */
export const leaveGroup = forOneGroup(API.LEAVE_GROUP, '0-5');
