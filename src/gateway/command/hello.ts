import type { Services } from '../../front/requests/front-services.ts';

export const PROTOCOL_VERSION = 1;
/** How many produced bytes of one socket may be unanswered at a time. */
export const IN_FLIGHT_BYTES_MAX = 16 * 1024 * 1024;

/** The first event of every session. */
export function hello(front: Services<'settings' | 'metadata'>): object {
  const { webSocket } = front.settings;
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    broker: 'millrace',
    clusterId: front.metadata.image.clusterId,
    limits: {
      frameBytes: webSocket.frameBytesMax,
      bufferedBytes: webSocket.bufferedBytesMax,
      subscriptions: webSocket.subscriptionsMax,
      messagesPerSecond: webSocket.messagesPerSecondMax,
      inFlightBytes: IN_FLIGHT_BYTES_MAX,
    },
  };
}
