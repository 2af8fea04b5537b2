import { API } from '../../protocol/api-keys.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { commitGate } from './offset-gates.ts';

/**
 * OffsetCommit (8), versions 2 to 10, served by the group's coordinator. Commits of one connection
 * overlap: those of a group go into its worker's ring in the order of the requests.
 */
export const offsetCommit = gated(
  API.OFFSET_COMMIT,
  forOneGroup({
    key: API.OFFSET_COMMIT,
    versions: '2-10',
    needs: [forRequest('READ', 'GROUP'), forEach('READ', 'TOPIC')],
    overlaps: true,
  }),
  commitGate,
);
