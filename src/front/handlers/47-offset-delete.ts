import { API } from '../../protocol/api-keys.ts';
import { forOneGroup } from './group-forwarding.ts';

/** OffsetDelete (47), version 0, served by the group's coordinator. */
export const offsetDelete = forOneGroup(API.OFFSET_DELETE, '0');
