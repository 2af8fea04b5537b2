import type { Call } from '../net/call.ts';
import { ANSWERED_LATER, type RawHandler } from '../requests/handler.ts';
import type { GroupServiceName } from './group-forwarding.ts';

/** Refuses, where `group.coordinator.rebalance.protocols` leaves the consumer protocol out. */
export function ofConsumerProtocol(
  handler: RawHandler<GroupServiceName>,
  refusal: (body: Buffer, call: Call) => object,
): RawHandler<GroupServiceName> {
  return {
    ...handler,
    handleRaw(body, call, services) {
      if (services.settings.groups.protocols.includes('consumer')) {
        return handler.handleRaw(body, call, services);
      }
      services.replies.reply(call, refusal(body, call));
      return ANSWERED_LATER;
    },
  };
}
