import { plainAddress } from '../../front/net/tcp-transport.ts';
import type { HttpResponse } from './http-response.ts';

/** The address of the client, as people write it. */
export function addressOf(response: Pick<HttpResponse, 'getRemoteAddressAsText'>): string {
  return plainAddress(Buffer.from(response.getRemoteAddressAsText()).toString());
}
