import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/**
 * OffsetCommit (8), versions 2 to 10, served by the group's coordinator. Commits of one connection
 * overlap: those of a group go into its worker's ring in the order of the requests.
 */
export const offsetCommit = forOneGroup(API.OFFSET_COMMIT, '2-10', true);
