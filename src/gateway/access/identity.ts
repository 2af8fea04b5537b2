import { ANONYMOUS, type Principal } from '../../front/net/principal.ts';

/** Whom a client of HTTP or WebSocket has shown itself to be. */
export interface Identity {
  readonly principal: Principal;
  /** The mechanism of SASL whose credential it showed; '' for a certificate or nothing. */
  readonly mechanism: string;
  /** Wall time at which it must show itself again. */
  readonly endsMs: number;
}

/** Who has shown nothing, where nothing is asked. */
export const NOBODY: Identity = {
  principal: ANONYMOUS,
  mechanism: '',
  endsMs: Number.POSITIVE_INFINITY,
};
