import { API } from '../../protocol/api-keys.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';
import { forOneGroup } from './group-forwarding.ts';

/** OffsetDelete (47), version 0, served by the group's coordinator. */
export const offsetDelete = forOneGroup({
  key: API.OFFSET_DELETE,
  versions: '0',
  needs: [forRequest('DELETE', 'GROUP'), forEach('READ', 'TOPIC')],
});
