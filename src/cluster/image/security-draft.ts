import { type AclRule, aclKey } from '../../metadata/acl-rule.ts';
import type { DelegationToken } from '../../metadata/delegation-token.ts';
import type { MetadataRecord } from '../../metadata/records.ts';
import {
  type ScramCredential,
  scramKey,
  scramMechanismOf,
} from '../../metadata/scram-credential.ts';
import type { ShardedMap } from '../../metadata/sharded-map.ts';
import type {
  AccessControlEntryRecord,
  DelegationTokenRecord,
  RemoveUserScramCredentialRecord,
  UserScramCredentialRecord,
} from '../../protocol/schema/records-metadata-security.ts';
import type { ClusterImage } from './cluster-image.ts';
import { corrupt } from './corrupt.ts';

/** Users, tokens and rules of access of a new image. The base image is not changed. */
export class SecurityDraft {
  readonly #base: ClusterImage;
  #scram: ShardedMap<ScramCredential>;
  #tokens: ShardedMap<DelegationToken>;
  #acls: ShardedMap<AclRule>;
  #aclsById: ShardedMap<AclRule>;
  #isOwned = false;

  constructor(base: ClusterImage) {
    this.#base = base;
    this.#scram = base.scramCredentials as ShardedMap<ScramCredential>;
    this.#tokens = base.delegationTokens as ShardedMap<DelegationToken>;
    this.#acls = base.acls as ShardedMap<AclRule>;
    this.#aclsById = base.aclsById as ShardedMap<AclRule>;
  }

  setScram(record: UserScramCredentialRecord): void {
    this.#own();
    const mechanism = mechanismOf(record.mechanism);
    const { name: user, iterations } = record;
    this.#scram.set(scramKey(user, mechanism), {
      user,
      mechanism,
      iterations,
      salt: base64(record.salt),
      storedKey: base64(record.storedKey),
      serverKey: base64(record.serverKey),
    });
  }

  removeScram({ name, mechanism }: RemoveUserScramCredentialRecord): void {
    this.#own();
    this.#scram.delete(scramKey(name, mechanismOf(mechanism)));
  }

  setToken(record: DelegationTokenRecord): void {
    this.#own();
    this.#tokens.set(record.tokenId, {
      id: record.tokenId,
      owner: record.owner,
      requester: record.requester,
      renewers: record.renewers,
      issuedMs: record.issueTimestamp,
      expiryMs: record.expirationTimestamp,
      maxMs: record.maxTimestamp,
    });
  }

  removeToken(id: string): void {
    this.#own();
    this.#tokens.delete(id);
  }

  addAcl({ id, permissionType: permission, ...rest }: AccessControlEntryRecord): void {
    this.#own();
    const rule = { ...rest, permission };
    this.#aclsById.set(id, rule);
    this.#acls.set(aclKey(rule), rule);
  }

  removeAcl(id: string): void {
    this.#own();
    const rule = this.#aclsById.get(id);
    if (rule === undefined) throw corrupt(`the removal of rule ${id}, which does not exist`);
    this.#aclsById.delete(id);
    this.#acls.delete(aclKey(rule));
  }

  /** What the next image has of security. The draft must not be used any more. */
  finish() {
    return {
      scramCredentials: this.#scram,
      delegationTokens: this.#tokens,
      acls: this.#acls,
      aclsById: this.#aclsById,
    };
  }

  /** Credentials of `before` that are gone: sessions that were opened with them must end. */
  removals(before: ClusterImage): MetadataRecord[] {
    const removed: MetadataRecord[] = [];
    if (!this.#isOwned && this.#base === before) return removed;
    for (const [key, { user, mechanism }] of before.scramCredentials) {
      if (!this.#scram.has(key)) removed.push({ type: 'scram-removed', user, mechanism });
    }
    for (const id of before.delegationTokens.keys()) {
      if (!this.#tokens.has(id)) removed.push({ type: 'token-removed', id });
    }
    return removed;
  }

  #own(): void {
    if (this.#isOwned) return;
    this.#isOwned = true;
    this.#scram = this.#scram.copy();
    this.#tokens = this.#tokens.copy();
    this.#acls = this.#acls.copy();
    this.#aclsById = this.#aclsById.copy();
  }
}

function mechanismOf(code: number) {
  const mechanism = scramMechanismOf(code);
  if (mechanism === null) throw corrupt(`a password of the unknown mechanism ${code}`);
  return mechanism;
}

/** Bytes that came through a message between threads are no Buffer any more. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
