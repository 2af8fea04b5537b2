/** What millrace adds to Kafka's names. parse-definitions.ts tells how to read a row. */
export const MILLRACE_DEFINITIONS = `
millrace.http.listener | STRING | 127.0.0.1:9080 | - |
  Address of HTTP and WebSocket, as host:port or https://host:port; none opens no such listener.
millrace.http.engine | STRING | auto | one of auto,uws,node |
  Who serves HTTP and WebSocket: uWebSockets.js, Node alone, or auto for whichever loads first.
millrace.http.authentication | STRING | none | one of none,required |
  Whether clients of HTTP and WebSocket must show who they are, by the mechanisms of listener HTTP.
millrace.http.open.paths | LIST | /livez,/readyz | - |
  Paths that are served to everybody all the same; /metrics may be among them.
millrace.audit.log | STRING | log | - |
  Where failed logins, denials and changes of security are written: log, none, or a file.
millrace.insecure | BOOLEAN | false | - |
  Whether listeners on other addresses than the loopback may let everybody in.
millrace.durability | STRING | os | one of os,group | cluster-wide
  os leaves syncing to the system; group answers acks=all after the fdatasync that covers it.
log.dir.min.free.bytes | LONG | 33554432 | 0.. | cluster-wide
  Free bytes of the disk below which new records are refused.
millrace.connection.first.byte.timeout.ms | INT | 30000 | 1.. |
  Time that a new connection has to send its first byte.
millrace.connection.slow.frame.timeout.ms | INT | 30000 | 1.. |
  Time that a request frame has to arrive in full once it began.
millrace.connection.max.in.flight | INT | 1000 | 1.. |
  Requests that one connection may have waiting before its socket is paused.
millrace.connection.max.unread.bytes | INT | 8388608 | 65536.. |
  Replies that a peer may leave unread before its requests are no longer served.
millrace.connection.unread.timeout.ms | INT | 60000 | 1.. |
  Time without progress after which a peer that leaves replies unread is cut.
millrace.connection.authentication.timeout.ms | INT | 30000 | 1.. |
  Time that a client has to authenticate.
millrace.sasl.users | PASSWORD | - | - |
  Users of PLAIN and SCRAM with their passwords, as user:password,user:password.
millrace.max.decompressed.batch.bytes | INT | 67108864 | 1048576.. |
  Bytes that a batch may open to where the broker opens it; past an eighth, one at a time.
millrace.max.partitions | INT | 100000 | 1.. |
  Partitions that the broker holds at most.
millrace.max.producer.ids.per.partition | INT | 100000 | 1.. |
  Producer ids that a partition remembers at most; the oldest are forgotten first.
millrace.max.groups.per.partition | INT | 10000 | 1.. |
  Groups that one partition of __consumer_offsets coordinates at most.
millrace.max.transactional.ids.per.partition | INT | 10000 | 1.. |
  Transactional ids that one partition of __transaction_state coordinates at most.
millrace.websocket.max.sockets | INT | 20000 | 0.. |
  WebSocket connections at most, and as many streams over HTTP.
millrace.websocket.max.subscriptions | INT | 1000 | 1.. |
  Subscriptions that one socket holds at most.
millrace.websocket.max.frame.bytes | INT | 1048576 | 1024.. |
  Largest frame that a socket may send.
millrace.websocket.max.buffered.bytes | INT | 4194304 | 65536.. |
  Bytes that may wait for a socket before it is paused.
millrace.websocket.max.messages.per.second | INT | 10000 | 1.. |
  Frames a second that one socket may send.
millrace.websocket.allowed.origins | LIST | '' | - |
  Web origins that may connect beside the broker's own; * allows all.
millrace.websocket.ping.interval.ms | INT | 30000 | 1000.. |
  Time between two pings to a quiet socket.
`;
