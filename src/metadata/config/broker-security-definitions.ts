/**
 * TLS, SASL and delegation tokens. Those without effect are marked inert.
 * parse-definitions.ts tells how to read a row.
 */
export const SECURITY_DEFINITIONS = `
principal.builder.class | CLASS | \
org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder\
 | - | inert
  Class that builds the principal of a connection.
security.providers | STRING | - | - | inert
  Java security providers.
delegation.token.secret.key | PASSWORD | - | - |
  Secret that signs delegation tokens.
delegation.token.max.lifetime.ms | LONG | 604800000 | 1.. |
  Longest life of a delegation token.
delegation.token.expiry.time.ms | LONG | 86400000 | 1.. |
  Time after which a delegation token must be renewed.
delegation.token.expiry.check.interval.ms | LONG | 3600000 | 1.. |
  How often expired delegation tokens are removed.
sasl.client.callback.handler.class | CLASS | - | - | inert
  Callback class of SASL clients.
sasl.enabled.mechanisms | LIST | GSSAPI | - |
  SASL mechanisms that a SASL listener offers.
sasl.jaas.config | PASSWORD | - | - | inert
  Login settings of SASL in JAAS form.
sasl.kerberos.kinit.cmd | STRING | /usr/bin/kinit | - | inert
  Path of the kinit command.
sasl.kerberos.min.time.before.relogin | LONG | 60000 | - | inert
  Shortest time between two Kerberos logins.
sasl.kerberos.principal.to.local.rules | LIST | DEFAULT | - | inert
  Rules that map Kerberos principals to names.
sasl.kerberos.service.name | STRING | - | - | inert
  Kerberos service name of the broker.
sasl.kerberos.ticket.renew.jitter | DOUBLE | 0.05 | - | inert
  Random part of the Kerberos renewal time.
sasl.kerberos.ticket.renew.window.factor | DOUBLE | 0.8 | - | inert
  Share of a ticket's life after which it is renewed.
sasl.login.callback.handler.class | CLASS | - | - | inert
  Callback class of SASL logins.
sasl.login.class | CLASS | - | - | inert
  Class that performs SASL logins.
sasl.login.connect.timeout.ms | INT | - | - | inert
  Connect time-out towards an identity provider.
sasl.login.read.timeout.ms | INT | - | - |
  Read time-out towards an identity provider.
sasl.login.refresh.buffer.seconds | SHORT | 300 | - | inert
  Time before expiry at which a login is refreshed.
sasl.login.refresh.min.period.seconds | SHORT | 60 | - | inert
  Shortest time between two refreshes of a login.
sasl.login.refresh.window.factor | DOUBLE | 0.8 | - | inert
  Share of a login's life after which it is refreshed.
sasl.login.refresh.window.jitter | DOUBLE | 0.05 | - | inert
  Random part of the refresh time.
sasl.login.retry.backoff.max.ms | LONG | 10000 | - | inert
  Longest pause between login attempts.
sasl.login.retry.backoff.ms | LONG | 100 | - | inert
  First pause between login attempts.
sasl.mechanism.controller.protocol | STRING | GSSAPI | - | inert
  SASL mechanism between brokers and controllers.
sasl.mechanism.inter.broker.protocol | STRING | GSSAPI | - | inert
  SASL mechanism between brokers.
sasl.oauthbearer.assertion.algorithm | STRING | RS256 | any case of ES256,RS256 | inert
  Algorithm that signs OAuth assertions.
sasl.oauthbearer.assertion.claim.aud | STRING | - | - | inert
  Audience claim of OAuth assertions.
sasl.oauthbearer.assertion.claim.exp.seconds | INT | 300 | 0..86400 | inert
  Life of OAuth assertions.
sasl.oauthbearer.assertion.claim.iss | STRING | - | - | inert
  Issuer claim of OAuth assertions.
sasl.oauthbearer.assertion.claim.jti.include | BOOLEAN | false | - | inert
  Whether OAuth assertions carry an id claim.
sasl.oauthbearer.assertion.claim.nbf.seconds | INT | 60 | 0..3600 | inert
  Time before now from which OAuth assertions hold.
sasl.oauthbearer.assertion.claim.sub | STRING | - | - | inert
  Subject claim of OAuth assertions.
sasl.oauthbearer.assertion.file | STRING | - | - | inert
  File with a ready OAuth assertion.
sasl.oauthbearer.assertion.private.key.file | STRING | - | - | inert
  File with the key that signs OAuth assertions.
sasl.oauthbearer.assertion.private.key.passphrase | PASSWORD | - | - | inert
  Passphrase of that key.
sasl.oauthbearer.assertion.template.file | STRING | - | - | inert
  Template of OAuth assertions.
sasl.oauthbearer.client.credentials.client.id | STRING | - | - | inert
  Client id for the OAuth token endpoint.
sasl.oauthbearer.client.credentials.client.secret | PASSWORD | - | - | inert
  Client secret for the OAuth token endpoint.
sasl.oauthbearer.clock.skew.seconds | INT | 30 | - |
  Clock difference tolerated in OAuth tokens.
sasl.oauthbearer.expected.audience | LIST | '' | - |
  Audiences accepted in OAuth tokens.
sasl.oauthbearer.expected.issuer | STRING | - | - |
  Issuer accepted in OAuth tokens.
sasl.oauthbearer.jwks.endpoint.refresh.ms | LONG | 3600000 | - |
  How often OAuth signing keys are fetched.
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms | LONG | 10000 | - |
  Longest pause between fetches of signing keys.
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms | LONG | 100 | - | inert
  First pause between fetches of signing keys.
sasl.oauthbearer.jwks.endpoint.url | STRING | - | - |
  Address of the OAuth signing keys.
sasl.oauthbearer.jwt.retriever.class | CLASS | \
org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever\
 | - | inert
  Class that obtains OAuth tokens.
sasl.oauthbearer.jwt.validator.class | CLASS | \
org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator\
 | - | inert
  Class that validates OAuth tokens.
sasl.oauthbearer.scope | STRING | - | - | inert
  Scope asked of the OAuth token endpoint.
sasl.oauthbearer.scope.claim.name | STRING | scope | - |
  Name of the scope claim.
sasl.oauthbearer.sub.claim.name | STRING | sub | - |
  Name of the subject claim.
sasl.oauthbearer.token.endpoint.url | STRING | - | - | inert
  Address of the OAuth token endpoint.
sasl.server.callback.handler.class | CLASS | - | - |
  Callback class of SASL servers.
sasl.server.max.receive.size | INT | 524288 | - |
  Largest SASL message before authentication.
ssl.allow.dn.changes | BOOLEAN | false | - |
  Whether AlterConfigs may set a certificate with another distinguished name.
ssl.allow.san.changes | BOOLEAN | false | - |
  Whether AlterConfigs may set a certificate that lacks alternative names.
ssl.cipher.suites | LIST | '' | - |
  Cipher suites of TLS listeners.
ssl.client.auth | STRING | none | one of required,requested,none |
  Whether TLS clients must show a certificate.
ssl.enabled.protocols | LIST | TLSv1.2,TLSv1.3 | - |
  TLS versions of TLS listeners.
ssl.endpoint.identification.algorithm | STRING | https | - | inert
  How the host name of a certificate is checked.
ssl.engine.factory.class | CLASS | - | - | inert
  Class that makes TLS engines.
ssl.key.password | PASSWORD | - | - | per-broker
  Password of the private key.
ssl.keymanager.algorithm | STRING | SunX509 | - | inert
  Algorithm of the key manager.
ssl.keystore.certificate.chain | PASSWORD | - | - | per-broker
  Certificate chain in PEM form.
ssl.keystore.key | PASSWORD | - | - | per-broker
  Private key in PEM form.
ssl.keystore.location | STRING | - | - | per-broker
  File of the key store.
ssl.keystore.password | PASSWORD | - | - | per-broker
  Password of the key store.
ssl.keystore.type | STRING | JKS | - | per-broker
  Format of the key store.
ssl.principal.mapping.rules | STRING | DEFAULT | - |
  Rules that map certificates to names.
ssl.protocol | STRING | TLSv1.3 | - | inert
  TLS version of contexts.
ssl.provider | STRING | - | - | inert
  Java provider of TLS.
ssl.secure.random.implementation | STRING | - | - | inert
  Random generator of TLS.
ssl.trustmanager.algorithm | STRING | PKIX | - | inert
  Algorithm of the trust manager.
ssl.truststore.certificates | PASSWORD | - | - | per-broker
  Trusted certificates in PEM form.
ssl.truststore.location | STRING | - | - | per-broker
  File of the trust store.
ssl.truststore.password | PASSWORD | - | - | per-broker
  Password of the trust store.
ssl.truststore.type | STRING | JKS | - | per-broker
  Format of the trust store.
`;
