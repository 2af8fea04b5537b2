import { MalformedData } from './output.ts';

export function malformedZstd(what: string): MalformedData {
  return new MalformedData(`bad zstd data: ${what}`);
}
