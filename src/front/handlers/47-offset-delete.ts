import { API } from '../../protocol/api-keys.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { offsetDeleteGate } from './offset-gates.ts';

/** OffsetDelete (47), version 0, served by the group's coordinator. */
export const offsetDelete = gated(
  API.OFFSET_DELETE,
  forOneGroup({
    key: API.OFFSET_DELETE,
    versions: '0',
    needs: [forRequest('DELETE', 'GROUP'), forEach('READ', 'TOPIC')],
  }),
  offsetDeleteGate,
);
