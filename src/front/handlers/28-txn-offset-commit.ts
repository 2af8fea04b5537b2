import { API } from '../../protocol/api-keys.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';
import { forOneGroup } from './group-forwarding.ts';

/**
 * TxnOffsetCommit (28), versions 0 to 5, served by the group's coordinator. The request names the
 * transactional id before the group.
 */
export const txnOffsetCommit = forOneGroup({
  key: API.TXN_OFFSET_COMMIT,
  versions: '0-5',
  needs: [
    forRequest('WRITE', 'TRANSACTIONAL_ID'),
    forRequest('READ', 'GROUP'),
    forEach('READ', 'TOPIC'),
  ],
  stringsBefore: 1,
});
