import {
  CLIENT_DEFAULTS,
  type ClientOptions,
  type ClientSettings,
  checkClientSettings,
} from '../config/client-options.ts';
import { readOptions, requireWhole } from '../config/option-names.ts';

/** The options of an Admin: those of all clients, and for how long a call may go on. */
export interface AdminOptions extends ClientOptions {
  /** For how long a call may go on with all its attempts, where it says nothing itself. */
  readonly defaultApiTimeoutMs?: number;
}

export interface AdminSettings extends ClientSettings {
  readonly defaultApiTimeoutMs: number;
}

const INT_MAX = 2 ** 31 - 1;

const ADMIN_DEFAULTS: AdminSettings = { ...CLIENT_DEFAULTS, defaultApiTimeoutMs: 60_000 };

export function adminSettings(given: object): AdminSettings {
  const settings = readOptions(given, ADMIN_DEFAULTS);
  checkClientSettings(settings);
  requireWhole('defaultApiTimeoutMs', settings.defaultApiTimeoutMs, 1, INT_MAX);
  return settings;
}
