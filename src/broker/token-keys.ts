import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { createRemoteJWKSet, JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { reasonOf } from '../base/errors.ts';
import { inBackground } from '../base/in-background.ts';
import type { Logger } from '../base/logger.ts';
import type { OauthSettings } from '../metadata/config/oauth-settings.ts';
import { fetchKeySet } from './fetch-key-set.ts';

/** The keys of an identity provider: from a file, which may change, or from its address. */
export function tokenKeys(settings: OauthSettings, logger: Logger): JWTVerifyGetKey {
  const url = new URL(settings.jwksUrl);
  if (url.protocol === 'file:') return keysOfFile(fileURLToPath(url));
  return keysOfAddress(url, settings, logger);
}

function keysOfFile(path: string): JWTVerifyGetKey {
  let read: { readonly keys: JWTVerifyGetKey; readonly version: string } | null = null;
  return async (header, token) => {
    const { mtimeMs, size } = await stat(path);
    const version = `${mtimeMs} ${size}`;
    if (read?.version !== version) {
      const { createLocalJWKSet } = await import('jose');
      const keySet = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet;
      read = { keys: createLocalJWKSet(keySet), version };
    }
    return read.keys(header, token);
  };
}

/**
 * A key that is not known yet makes it ask again, though not more often than the back-off says.
 * Keys that are known serve until newer ones are there, however long the address does not answer.
 */
function keysOfAddress(url: URL, settings: OauthSettings, logger: Logger): JWTVerifyGetKey {
  let keys: ReturnType<typeof createRemoteJWKSet> | null = null;
  let askedMs = performance.now();
  const onFailure = (thrown: unknown): void => {
    logger.warn(`${url.href} has no keys for tokens, those known stay: ${reasonOf(thrown)}`);
  };
  return async (header, token) => {
    if (keys === null) {
      const { createRemoteJWKSet, customFetch } = await import('jose');
      keys ??= createRemoteJWKSet(url, {
        cacheMaxAge: Number.POSITIVE_INFINITY,
        cooldownDuration: settings.retryMaxMs,
        timeoutDuration: settings.readTimeoutMs,
        [customFetch]: fetchKeySet,
      });
    }
    const nowMs = performance.now();
    if (keys.fresh && nowMs - askedMs > settings.refreshMs) {
      askedMs = nowMs;
      inBackground(keys.reload(), onFailure);
    }
    return keys(header, token);
  };
}
