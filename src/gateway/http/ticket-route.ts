import { type Access, isRefusal } from '../access/access.ts';
import { TICKET_MS } from '../access/tickets.ts';
import type { Exchange } from './exchange.ts';

/** `POST /ticket`: what a browser opens a WebSocket with, as `/ws?ticket=…`. */
export async function issueTicket(access: Access, exchange: Exchange): Promise<void> {
  const { authorization, certified, address } = exchange;
  const identity = await access.identify(authorization, certified, address);
  if (isRefusal(identity)) {
    exchange.refuse(identity);
    return;
  }
  const ticket = access.tickets.issue(identity);
  exchange.json('200 OK', { ticket, expiresInMs: TICKET_MS, user: identity.principal.name });
}
