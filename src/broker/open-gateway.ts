import type { FrontServices } from '../front/requests/front-services.ts';
import { Gateway } from '../gateway/gateway.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import { HTTP_LISTENER } from '../metadata/config/listener-scope.ts';
import { HttpCredentials } from './http-credentials.ts';

/** Opens the gateway with the credentials of its clients, and tells it of changes. */
export async function openGateway(endpoint: HttpEndpoint, front: FrontServices): Promise<Gateway> {
  const { settings, metadata, clock, logger, tokens } = front;
  const sasl = settings.sasl.get(HTTP_LISTENER);
  const means = { view: metadata, clock, logger, tokens };
  const check = sasl === undefined ? null : new HttpCredentials(HTTP_LISTENER, sasl, means);
  const gateway = await Gateway.open(endpoint, front, check);
  metadata.onChange(({ before, after, records }) => {
    if (before.acls !== after.acls) gateway.onRightsChanged();
    for (const record of records) {
      if (record.type === 'scram-removed') gateway.revoke(record.user, record.mechanism);
    }
  });
  return gateway;
}
