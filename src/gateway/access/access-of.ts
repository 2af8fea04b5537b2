import type { Services } from '../../front/requests/front-services.ts';
import { HTTP_LISTENER } from '../../metadata/config/listener-scope.ts';
import { Access } from './access.ts';
import type { CredentialCheck } from './credential-check.ts';

/** Who may speak to a gateway: anybody without a check. Wrong credentials are in the audit log. */
export function accessOf(
  check: CredentialCheck | null,
  { clock, settings, audit }: Services<'clock' | 'settings' | 'audit'>,
): Access {
  const delayMs = settings.sasl.get(HTTP_LISTENER)?.failureDelayMs ?? 0;
  return new Access(check, clock, delayMs, (user, address) => {
    const who = { principal: `User:${user}`, address };
    audit.log?.failed(who, 'HTTP', 'wrong credentials');
  });
}
