import { API } from '../../protocol/api-keys.ts';
import { forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { leaveGate } from './group-gates.ts';

/** LeaveGroup (13), versions 0 to 5, served by the group's coordinator. */
export const leaveGroup = gated(
  API.LEAVE_GROUP,
  forOneGroup({
    key: API.LEAVE_GROUP,
    versions: '0-5',
    needs: [forRequest('READ', 'GROUP')],
  }),
  leaveGate,
);
