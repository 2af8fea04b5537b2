import { bool, message, string, struct } from '../schema-dsl.ts';

export interface DefaultPrincipalData {
  type: string;
  name: string;
  tokenAuthenticated: boolean;
}

export const DEFAULT_PRINCIPAL_DATA = message({
  name: 'DefaultPrincipalData',
  versions: '0',
  flexible: '0+',
  body: struct<DefaultPrincipalData>({
    type: string('0+'),
    name: string('0+'),
    tokenAuthenticated: bool('0+'),
  }),
});
