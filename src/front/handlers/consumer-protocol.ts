import type { Call } from '../net/call.ts';
import type { FrontContext } from '../requests/front-context.ts';
import { ANSWERED_LATER, type RawHandler } from '../requests/handler.ts';

/** Refuses, where `group.coordinator.rebalance.protocols` leaves the consumer protocol out. */
export function ofConsumerProtocol(
  handler: RawHandler,
  refusal: (body: Buffer, call: Call) => object,
): RawHandler {
  return {
    ...handler,
    handleRaw(body, call, front: FrontContext) {
      if (front.settings.groups.protocols.includes('consumer')) {
        return handler.handleRaw(body, call, front);
      }
      front.reply(call, refusal(body, call));
      return ANSWERED_LATER;
    },
  };
}
