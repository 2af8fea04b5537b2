import { array, bytes, int8, int32, int64, message, string, struct, uuid } from '../schema-dsl.ts';

export interface DelegationTokenRecord {
  owner: string;
  requester: string;
  renewers: string[];
  issueTimestamp: number;
  maxTimestamp: number;
  expirationTimestamp: number;
  tokenId: string;
}

export interface RemoveDelegationTokenRecord {
  tokenId: string;
}

export interface UserScramCredentialRecord {
  name: string;
  mechanism: number;
  salt: Buffer;
  storedKey: Buffer;
  serverKey: Buffer;
  iterations: number;
}

export interface RemoveUserScramCredentialRecord {
  name: string;
  mechanism: number;
}

export interface AccessControlEntryRecord {
  id: string;
  resourceType: number;
  resourceName: string;
  patternType: number;
  principal: string;
  host: string;
  operation: number;
  permissionType: number;
}

export interface RemoveAccessControlEntryRecord {
  id: string;
}

export const DELEGATION_TOKEN_RECORD = message({
  name: 'DelegationTokenRecord',
  recordType: 10,
  versions: '0',
  flexible: '0+',
  body: struct<DelegationTokenRecord>({
    owner: string('0+'),
    requester: string('0+'),
    renewers: array('0+', 'string'),
    issueTimestamp: int64('0+'),
    maxTimestamp: int64('0+'),
    expirationTimestamp: int64('0+'),
    tokenId: string('0+'),
  }),
});

export const REMOVE_DELEGATION_TOKEN_RECORD = message({
  name: 'RemoveDelegationTokenRecord',
  recordType: 26,
  versions: '0',
  flexible: '0+',
  body: struct<RemoveDelegationTokenRecord>({
    tokenId: string('0+'),
  }),
});

export const USER_SCRAM_CREDENTIAL_RECORD = message({
  name: 'UserScramCredentialRecord',
  recordType: 11,
  versions: '0',
  flexible: '0+',
  body: struct<UserScramCredentialRecord>({
    name: string('0+'),
    mechanism: int8('0+'),
    salt: bytes('0+'),
    storedKey: bytes('0+'),
    serverKey: bytes('0+'),
    iterations: int32('0+'),
  }),
});

export const REMOVE_USER_SCRAM_CREDENTIAL_RECORD = message({
  name: 'RemoveUserScramCredentialRecord',
  recordType: 22,
  versions: '0',
  flexible: '0+',
  body: struct<RemoveUserScramCredentialRecord>({
    name: string('0+'),
    mechanism: int8('0+'),
  }),
});

export const ACCESS_CONTROL_ENTRY_RECORD = message({
  name: 'AccessControlEntryRecord',
  recordType: 18,
  versions: '0',
  flexible: '0+',
  body: struct<AccessControlEntryRecord>({
    id: uuid('0+'),
    resourceType: int8('0+'),
    resourceName: string('0+'),
    patternType: int8('0+'),
    principal: string('0+'),
    host: string('0+'),
    operation: int8('0+'),
    permissionType: int8('0+'),
  }),
});

export const REMOVE_ACCESS_CONTROL_ENTRY_RECORD = message({
  name: 'RemoveAccessControlEntryRecord',
  recordType: 19,
  versions: '0',
  flexible: '0+',
  body: struct<RemoveAccessControlEntryRecord>({
    id: uuid('0+'),
  }),
});
