import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/** SyncGroup (14), versions 0 to 5, served by the group's coordinator. */
export const syncGroup = forOneGroup(API.SYNC_GROUP, '0-5');
