import { API } from '../../protocol/api-keys.ts';
import { forRequest } from '../requests/needed-action.ts';
import { forOneGroup } from './group-forwarding.ts';

/** LeaveGroup (13), versions 0 to 5, served by the group's coordinator. */
export const leaveGroup = forOneGroup({
  key: API.LEAVE_GROUP,
  versions: '0-5',
  needs: [forRequest('READ', 'GROUP')],
});
