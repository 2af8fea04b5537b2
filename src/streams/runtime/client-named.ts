import { type ClientSettings, clientSettingsOf } from '../../client/config/client-options.ts';

/** The settings of one of the clients of an application: its part stands in its name. */
export function clientNamed(settings: ClientSettings, part: string): ClientSettings {
  return { ...clientSettingsOf(settings), clientId: `${settings.clientId}-${part}` };
}
