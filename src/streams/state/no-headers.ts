import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

export const NO_HEADERS = new RecordHeaders([]);
