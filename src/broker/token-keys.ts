import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { OauthSettings } from '../metadata/config/oauth-settings.ts';

/** The keys of an identity provider: from a file, which may change, or from its address. */
export function tokenKeys(settings: OauthSettings): JWTVerifyGetKey {
  const url = new URL(settings.jwksUrl);
  return url.protocol === 'file:' ? keysOfFile(fileURLToPath(url)) : keysOfAddress(url, settings);
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

/** A key that is not known yet makes it ask again, though not more often than the back-off says. */
function keysOfAddress(url: URL, settings: OauthSettings): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | null = null;
  return async (header, token) => {
    if (keys === null) {
      const { createRemoteJWKSet } = await import('jose');
      keys = createRemoteJWKSet(url, {
        cacheMaxAge: settings.refreshMs,
        cooldownDuration: settings.retryMaxMs,
        timeoutDuration: settings.readTimeoutMs,
      });
    }
    return keys(header, token);
  };
}
