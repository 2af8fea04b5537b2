import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { refusedConsumerHeartbeat } from '../../protocol/group-refusals.ts';
import { forRequest } from '../requests/needed-action.ts';
import { ofConsumerProtocol } from './consumer-protocol.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { consumerHeartbeatGate } from './group-gates.ts';

const REFUSAL = refusedConsumerHeartbeat(
  ERROR.UNSUPPORTED_VERSION,
  errorMessage(ERROR.UNSUPPORTED_VERSION),
);

/** ConsumerGroupHeartbeat (68), versions 0 to 1, served by the group's coordinator. */
export const consumerGroupHeartbeat = gated(
  API.CONSUMER_GROUP_HEARTBEAT,
  ofConsumerProtocol(
    forOneGroup({
      key: API.CONSUMER_GROUP_HEARTBEAT,
      versions: '0-1',
      needs: [forRequest('READ', 'GROUP'), forRequest('DESCRIBE', 'TOPIC')],
    }),
    () => REFUSAL,
  ),
  consumerHeartbeatGate,
);
