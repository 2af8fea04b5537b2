import type { KafkaFrontLimits } from '../front/kafka-front.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';

/** The front's limits out of the broker's configuration. */
export function frontLimits(settings: BrokerSettings): KafkaFrontLimits {
  const { limits } = settings;
  return {
    frameBytesMax: limits.frameBytesMax,
    unreadBytesMax: limits.unreadBytesMax,
    inFlightMax: limits.inFlightMax,
    connectionsMax: limits.connectionsMax,
    connectionsPerIpMax: limits.connectionsPerIpMax,
    connectionsPerIpOverrides: limits.connectionsPerIpOverrides,
    creationRateMax: limits.connectionsPerSecondMax,
    queuedBytesMax: limits.queuedBytesMax,
    idleMsMax: limits.idleMs,
    firstByteMsMax: limits.firstByteTimeoutMs,
    frameMsMax: limits.slowFrameTimeoutMs,
    unreadMsMax: limits.unreadTimeoutMs,
  };
}
