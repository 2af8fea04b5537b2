import type { AuthorizationSettings } from '../metadata/config/authorization-settings.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';
import { Authorizer } from '../security/acl/authorizer.ts';

/** An authorizer that always has the rules of the metadata. Null where nobody is held to rules. */
export function metadataAuthorizer(
  settings: AuthorizationSettings | null,
  metadata: MetadataView,
): Authorizer | null {
  if (settings === null) return null;
  const authorizer = new Authorizer(settings);
  authorizer.replaceRules(metadata.image.acls.values());
  metadata.onChange(({ before, after }) => {
    if (before.acls !== after.acls) authorizer.replaceRules(after.acls.values());
  });
  return authorizer;
}
