import { api, int16, int32, string, struct, uuid } from '../schema-dsl.ts';

export interface RemoveRaftVoterRequest {
  clusterId: string | null;
  voterId: number;
  voterDirectoryId: string;
}

export interface RemoveRaftVoterResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
}

export const REMOVE_RAFT_VOTER = api({
  key: 81,
  name: 'RemoveRaftVoter',
  versions: '0',
  flexible: '0+',
  request: struct<RemoveRaftVoterRequest>({
    clusterId: string('0+', { nullable: '0+' }),
    voterId: int32('0+'),
    voterDirectoryId: uuid('0+'),
  }),
  response: struct<RemoveRaftVoterResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', ignorable: true }),
  }),
});
