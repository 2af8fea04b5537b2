import { api, array, bool, int16, int32, string, struct, uint16, uuid } from '../schema-dsl.ts';

export interface AddRaftVoterRequest {
  clusterId: string | null;
  timeoutMs: number;
  voterId: number;
  voterDirectoryId: string;
  listeners: AddRaftVoterRequestListener[];
  ackWhenCommitted: boolean;
}

export interface AddRaftVoterRequestListener {
  name: string;
  host: string;
  port: number;
}

export interface AddRaftVoterResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
}

export const ADD_RAFT_VOTER = api({
  key: 80,
  name: 'AddRaftVoter',
  versions: '0-1',
  flexible: '0+',
  request: struct<AddRaftVoterRequest>({
    clusterId: string('0+', { nullable: '0+' }),
    timeoutMs: int32('0+'),
    voterId: int32('0+'),
    voterDirectoryId: uuid('0+'),
    listeners: array(
      '0+',
      struct<AddRaftVoterRequestListener>({
        name: string('0+'),
        host: string('0+'),
        port: uint16('0+'),
      }),
    ),
    ackWhenCommitted: bool('1+', { default: true }),
  }),
  response: struct<AddRaftVoterResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', ignorable: true }),
  }),
});
