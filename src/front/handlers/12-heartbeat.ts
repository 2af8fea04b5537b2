import { API } from '../../protocol/api-keys.ts';
import { forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { heartbeatGate } from './group-gates.ts';

/** Heartbeat (12), versions 0 to 4, served by the group's coordinator. */
export const heartbeat = gated(
  API.HEARTBEAT,
  forOneGroup({
    key: API.HEARTBEAT,
    versions: '0-4',
    needs: [forRequest('READ', 'GROUP')],
  }),
  heartbeatGate,
);
