import { type AclRule, aclKey } from '../../metadata/acl-rule.ts';
import type { DelegationToken } from '../../metadata/delegation-token.ts';
import type { MetadataRecord } from '../../metadata/records.ts';
import {
  type ScramCredential,
  scramKey,
  scramMechanismOf,
} from '../../metadata/scram-credential.ts';
import type {
  AccessControlEntryRecord,
  DelegationTokenRecord,
  RemoveUserScramCredentialRecord,
  UserScramCredentialRecord,
} from '../../protocol/schema/records-metadata-security.ts';
import type { ClusterImage } from './cluster-image.ts';
import { CopiedMap } from './copied-map.ts';
import { corrupt } from './corrupt.ts';

/** Users, tokens and rules of access of a new image. The base image is not changed. */
export class SecurityDraft {
  readonly #base: ClusterImage;
  readonly #scram: CopiedMap<ScramCredential>;
  readonly #tokens: CopiedMap<DelegationToken>;
  readonly #acls: CopiedMap<AclRule>;
  readonly #aclsById: CopiedMap<AclRule>;

  constructor(base: ClusterImage) {
    this.#base = base;
    this.#scram = new CopiedMap(base.scramCredentials);
    this.#tokens = new CopiedMap(base.delegationTokens);
    this.#acls = new CopiedMap(base.acls);
    this.#aclsById = new CopiedMap(base.aclsById);
  }

  setScram(record: UserScramCredentialRecord): void {
    const mechanism = mechanismOf(record.mechanism);
    const { name: user, iterations } = record;
    this.#scram.writable().set(scramKey(user, mechanism), {
      user,
      mechanism,
      iterations,
      salt: base64(record.salt),
      storedKey: base64(record.storedKey),
      serverKey: base64(record.serverKey),
    });
  }

  removeScram({ name, mechanism }: RemoveUserScramCredentialRecord): void {
    this.#scram.writable().delete(scramKey(name, mechanismOf(mechanism)));
  }

  setToken(record: DelegationTokenRecord): void {
    this.#tokens.writable().set(record.tokenId, {
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
    this.#tokens.writable().delete(id);
  }

  addAcl({ id, permissionType: permission, ...rest }: AccessControlEntryRecord): void {
    const rule = { ...rest, permission };
    this.#aclsById.writable().set(id, rule);
    this.#acls.writable().set(aclKey(rule), rule);
  }

  removeAcl(id: string): void {
    const rule = this.#aclsById.current.get(id);
    if (rule === undefined) throw corrupt(`the removal of rule ${id}, which does not exist`);
    this.#aclsById.writable().delete(id);
    this.#acls.writable().delete(aclKey(rule));
  }

  /** What the next image has of security. The draft must not be used any more. */
  finish() {
    return {
      scramCredentials: this.#scram.current,
      delegationTokens: this.#tokens.current,
      acls: this.#acls.current,
      aclsById: this.#aclsById.current,
    };
  }

  /** Credentials of `before` that are gone: sessions that were opened with them must end. */
  removals(before: ClusterImage): MetadataRecord[] {
    const removed: MetadataRecord[] = [];
    const isTouched = this.#scram.isCopied || this.#tokens.isCopied;
    if (!isTouched && this.#base === before) return removed;
    for (const [key, { user, mechanism }] of before.scramCredentials) {
      if (!this.#scram.current.has(key)) removed.push({ type: 'scram-removed', user, mechanism });
    }
    for (const id of before.delegationTokens.keys()) {
      if (!this.#tokens.current.has(id)) removed.push({ type: 'token-removed', id });
    }
    return removed;
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
