import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/** Of records without headers; headers never change, so all share it. */
export const NO_HEADERS = RecordHeaders.NONE;
