/** What Kafka's StandardAuthorizer reads. parse-definitions.ts tells how to read a row. */
export const AUTHORIZER_DEFINITIONS = `
super.users | STRING | '' | - |
  Principals that may do everything, as User:name, with semicolons between them.
allow.everyone.if.no.acl.found | BOOLEAN | false | - |
  Whether everybody may do what no ACL is about.
`;
