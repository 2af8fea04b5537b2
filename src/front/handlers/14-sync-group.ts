import { API } from '../../protocol/api-keys.ts';
import { forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { syncGate } from './group-gates.ts';

/** SyncGroup (14), versions 0 to 5, served by the group's coordinator. */
export const syncGroup = gated(
  API.SYNC_GROUP,
  forOneGroup({
    key: API.SYNC_GROUP,
    versions: '0-5',
    needs: [forRequest('READ', 'GROUP')],
  }),
  syncGate,
);
