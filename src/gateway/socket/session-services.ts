import type { FrontServices } from '../../front/requests/front-services.ts';
import type { Access } from '../access/access.ts';
import type { GroupRegister } from '../group/group-register.ts';
import type { Producing } from '../produce/producing.ts';
import type { StreamHub } from '../stream/stream-hub.ts';

/** The services that the sessions of a gateway share. */
export interface SessionServices {
  readonly front: FrontServices;
  readonly hub: StreamHub;
  readonly producing: Producing;
  readonly groups: GroupRegister;
  readonly access: Access;
}
