import { API } from '../../protocol/api-keys.ts';
import { forRequest } from '../requests/needed-action.ts';
import { forOneGroup } from './group-forwarding.ts';

/** SyncGroup (14), versions 0 to 5, served by the group's coordinator. */
export const syncGroup = forOneGroup({
  key: API.SYNC_GROUP,
  versions: '0-5',
  needs: [forRequest('READ', 'GROUP')],
});
