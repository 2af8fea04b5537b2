import { API } from '../../protocol/api-keys.ts';
import { forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { joinGate } from './group-gates.ts';

/** JoinGroup (11), versions 0 to 9, served by the group's coordinator. */
export const joinGroup = gated(
  API.JOIN_GROUP,
  forOneGroup({
    key: API.JOIN_GROUP,
    versions: '0-9',
    needs: [forRequest('READ', 'GROUP')],
  }),
  joinGate,
);
