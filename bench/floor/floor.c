// floor does the least that a Kafka-protocol broker can do for the load and still be honest about it: see bench/README.md.
// gcc -O3 -march=native -Wall -Wextra -o floor floor.c && ./floor -port 19492 DATA_DIR
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <immintrin.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

enum { IOVS = 512, SMALL = 32 << 10, IDX_STEP = 4096, MAX_FRAME = 128 << 20, HEADER = 61, SEG = 1 << 30 };

static const char *dir;
static int port = 19492;
static bool nowrite, nocrc;
static enum { SENDFILE, MMAP, PREAD } mode = MMAP;
static size_t rbuf = 256 << 10, step = 64 << 20;

static void die(const char *what) {
	perror(what);
	exit(1);
}

// ---- CRC-32C: three interleaved streams of the SSE4.2 instruction, joined by carry-less multiplication.

static u64 kx[4];

static u64 xpow(int e) { // x^e mod P, bit-reflected
	u32 k = 1u << 31;
	while (e-- > 0) k = (k >> 1) ^ (k & 1 ? 0x82F63B78u : 0);
	return k;
}
static void crc_init(void) {
	int n[4] = {2048, 4096, 128, 256};
	for (int i = 0; i < 4; i++) kx[i] = xpow(8 * n[i] - 33);
}
static inline u64 ld64(const u8 *p) {
	u64 v;
	return memcpy(&v, p, 8), v;
}
static inline u64 mul(u64 a, u64 b) {
	return _mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128(a), _mm_cvtsi64_si128(b), 0));
}
static inline u64 crc3(u64 c, const u8 *p, size_t n, const u64 *k) { // of 3n bytes; k shifts by n and by 2n bytes
	u64 d = 0, e = 0;
	for (const u8 *q = p + n; p < q; p += 8) {
		c = _mm_crc32_u64(c, ld64(p));
		d = _mm_crc32_u64(d, ld64(p + n));
		e = _mm_crc32_u64(e, ld64(p + 2 * n));
	}
	return _mm_crc32_u64(0, mul(c, k[1]) ^ mul(d, k[0])) ^ e;
}
static u32 crc32c(const u8 *p, size_t n) {
	u64 c = ~0u;
	for (; n >= 3 * 2048; p += 3 * 2048, n -= 3 * 2048) c = crc3(c, p, 2048, kx);
	for (; n >= 3 * 128; p += 3 * 128, n -= 3 * 128) c = crc3(c, p, 128, kx + 2);
	for (; n >= 8; p += 8, n -= 8) c = _mm_crc32_u64(c, ld64(p));
	for (; n; p++, n--) c = _mm_crc32_u8(c, *p);
	return ~(u32)c;
}

// ---- Reading a request. A read past its end gives zeroes and sets bad.

typedef struct { u8 *p, *e; bool bad; } rd;
typedef struct { u8 *p; u32 n; } str;
static u8 zero[16];

static inline u32 g32(const u8 *p) {
	u32 v;
	return memcpy(&v, p, 4), __builtin_bswap32(v);
}
static inline u64 g64(const u8 *p) { return __builtin_bswap64(ld64(p)); }
static inline void p32(u8 *p, u32 v) { v = __builtin_bswap32(v), memcpy(p, &v, 4); }
static inline void p64(u8 *p, u64 v) { v = __builtin_bswap64(v), memcpy(p, &v, 8); }
static inline u8 *take(rd *r, size_t n) {
	if (n > (size_t)(r->e - r->p)) return r->bad = true, zero;
	return r->p += n, r->p - n;
}
static inline u8 r8(rd *r) { return *take(r, 1); }
static inline u16 r16(rd *r) {
	u8 *p = take(r, 2);
	return p[0] << 8 | p[1];
}
static inline u32 r32(rd *r) { return g32(take(r, 4)); }
static inline u64 r64(rd *r) { return g64(take(r, 8)); }
static inline u32 ruv(rd *r) {
	u64 v = 0;
	for (int s = 0, b = 128; b & 128 && s < 35; s += 7) b = r8(r), v |= (u64)(b & 127) << s;
	return v;
}
static inline str rbytes(rd *r, u32 n) {
	u8 *p = take(r, n);
	return (str){p, r->bad ? 0 : n};
}
static inline str rstr(rd *r) { // compact: length + 1 first; null reads as empty
	u32 n = ruv(r);
	return rbytes(r, n - (n > 0));
}
static inline void rtags(rd *r) {
	for (u32 n = ruv(r); n && !r->bad; n--) ruv(r), take(r, ruv(r));
}
static inline void one(rd *r) { // the load's arrays hold one element each
	if (ruv(r) != 2) r->bad = true;
}

// ---- The log: topics, partitions, 1 GB segments with a sparse index.

typedef struct { i64 off; size_t pos; } entry;
typedef struct {
	int fd;
	u8 *map;
	i64 base;
	size_t size, len, alloc; // assigned, written, reserved
	entry *idx;
	size_t nidx, cidx;
	char path[600];
} seg;
typedef struct {
	int nseg, niov;
	seg **segs;
	i64 next, end; // offsets assigned, and written: consumers see those
	size_t pend;
	bool dirty;
	char name[256];
	struct iovec iov[IOVS]; // batches that wait, in their receive buffers, for this round's write
} part;
typedef struct { str name; int np; part *parts; } topic;

static topic *topics;
static part **dirty;
static int ntopics, ndirty, cdirty;

static topic *find(str s) {
	for (int i = 0; i < ntopics; i++)
		if (topics[i].name.n == s.n && !memcmp(topics[i].name.p, s.p, s.n)) return topics + i;
	return NULL;
}
static part *find_part(str s, u32 id) {
	topic *t = find(s);
	return t && id < (u32)t->np ? t->parts + id : NULL;
}
static void mark_dirty(part *p) {
	if (p->dirty) return;
	if (ndirty == cdirty) dirty = realloc(dirty, (cdirty = cdirty * 2 + 16) * sizeof *dirty);
	p->dirty = true, dirty[ndirty++] = p;
}
static seg *seg_new(part *p) {
	seg *s = calloc(1, sizeof *s);
	s->base = p->next;
	snprintf(s->path, sizeof s->path, "%s/%s.%020ld.log", dir, p->name, s->base);
	if ((s->fd = open(s->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0) die(s->path);
	s->map = mmap(NULL, SEG, PROT_READ, MAP_SHARED, s->fd, 0);
	if (s->map == MAP_FAILED) die("mmap");
	p->segs = realloc(p->segs, (p->nseg + 1) * sizeof *p->segs);
	return p->segs[p->nseg++] = s;
}
// part_flush writes the waiting batches with one pwrite or pwritev and lets consumers see them.
static void part_flush(part *p) {
	if (!p->niov) return;
	seg *s = p->segs[p->nseg - 1];
	struct iovec *v = p->iov;
	for (; step && !nowrite && s->len + p->pend > s->alloc; s->alloc += step)
		if (fallocate(s->fd, 0, s->alloc, step) < 0) die("fallocate");
	for (int n = p->niov; n && !nowrite;) {
		ssize_t w = n == 1 ? pwrite(s->fd, v->iov_base, v->iov_len, s->len) : pwritev(s->fd, v, n, s->len);
		if (w <= 0) die("pwrite");
		s->len += w;
		for (; n && (size_t)w >= v->iov_len; v++, n--) w -= v->iov_len;
		if (n) v->iov_base += w, v->iov_len -= w;
	}
	if (!nowrite) p->end = p->next;
	p->niov = p->pend = 0;
}
static i64 part_append(part *p, u8 *b, size_t len, u32 count) {
	seg *s = p->nseg ? p->segs[p->nseg - 1] : NULL;
	if (!s || s->size + len > SEG) part_flush(p), s = seg_new(p);
	if (!s->nidx || s->size - s->idx[s->nidx - 1].pos >= IDX_STEP) {
		if (s->nidx == s->cidx) s->idx = realloc(s->idx, (s->cidx = s->cidx * 2 + 64) * sizeof *s->idx);
		s->idx[s->nidx++] = (entry){p->next, s->size};
	}
	i64 off = p->next;
	p64(b, off), p32(b + 12, 0); // base offset, leader epoch
	p->iov[p->niov++] = (struct iovec){b, len};
	p->pend += len, s->size += len, p->next += count;
	mark_dirty(p);
	if (p->niov == IOVS) part_flush(p);
	return off;
}
// part_read finds the whole batches from off on, at most max bytes but at least one batch; 0 when there are none.
static size_t part_read(part *p, i64 off, size_t max, seg **sp, size_t *at) {
	if (off >= p->end) return 0;
	int i = p->nseg - 1;
	while (i && p->segs[i]->base > off) i--;
	seg *s = *sp = p->segs[i];
	size_t a = 0, b = s->nidx;
	while (b - a > 1) *((s->idx[(a + b) / 2].off <= off) ? &a : &b) = (a + b) / 2;
	size_t pos = s->idx[a].pos;
	while ((i64)(g64(s->map + pos) + g32(s->map + pos + 23)) < off) pos += 12 + g32(s->map + pos + 8);
	*at = pos;
	if (s->len - pos <= max) return s->len - pos;
	for (b = s->nidx; b - a > 1;) *((s->idx[(a + b) / 2].pos <= pos + max) ? &a : &b) = (a + b) / 2;
	size_t end = s->idx[a].pos; // cut at an index entry where one lies in between, else at the last batch that fits
	if (end > pos) return end - pos;
	for (size_t n = end = pos; end < s->len && (n = 12 + g32(s->map + end + 8), end == pos || end + n - pos <= max);) end += n;
	return end - pos;
}

// ---- Connections.

typedef struct {
	int fd;
	bool dead, armed, queued, again, wait, expired;
	u8 *in, *out; // received and not answered: in[s..e); to be sent: out[os..oe), then blen bytes of body at at, then 3 zeroes
	size_t cap, s, e, ocap, os, oe, blen, at;
	seg *body;
	part *wp;     // what a parked fetch waits for
	u64 deadline; // of a parked fetch, ms
} conn;
typedef struct { conn **v; int n, cap; } list;

static list all, todo, again, waiters, dead; // todo: something to send; again: whole frames left in the buffer
static int ep;

static void push(list *l, conn *c) {
	if (l->n == l->cap) l->v = realloc(l->v, (l->cap = l->cap * 2 + 16) * sizeof *l->v);
	l->v[l->n++] = c;
}
static void drop(list *l, conn *c) {
	for (int i = 0; i < l->n; i++)
		if (l->v[i] == c) l->v[i--] = l->v[--l->n];
}
static void kill_conn(conn *c) {
	if (!c->dead) c->dead = true, push(&dead, c);
}
static void watch(conn *c, int op, bool out) {
	struct epoll_event ev = {out ? EPOLLOUT : EPOLLIN, {c}};
	c->armed = out;
	if (epoll_ctl(ep, op, c->fd, &ev) < 0) die("epoll_ctl");
}
static u64 now_ms(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}
static inline u8 *room(conn *c, size_t n) {
	if (c->oe + n > c->ocap) c->out = realloc(c->out, c->ocap = (c->oe + n) * 2 + 512);
	return c->oe += n, c->out + c->oe - n;
}
static inline void w8(conn *c, u8 v) { *room(c, 1) = v; }
static inline void w16(conn *c, u16 v) { v = __builtin_bswap16(v), memcpy(room(c, 2), &v, 2); }
static inline void w32(conn *c, u32 v) { p32(room(c, 4), v); }
static inline void w64(conn *c, u64 v) { p64(room(c, 8), v); }
static inline void wzero(conn *c, int n) { memset(room(c, n), 0, n); }
static inline void wuv(conn *c, u32 v) {
	for (; v >= 128; v >>= 7) w8(c, v | 128);
	w8(c, v);
}
static inline void wstr(conn *c, str s) { wuv(c, s.n + 1), memcpy(room(c, s.n), s.p, s.n); }
static inline void wstr16(conn *c, str s) { w16(c, s.n), memcpy(room(c, s.n), s.p, s.n); }

// ---- Requests. Each handler reads its request and writes the body of its answer; false means no answer (now).

static bool produce(conn *c, rd *r) {
	ruv(r); // transactional id: null
	bool answer = r16(r) != 0;
	r32(r), one(r);
	str name = rstr(r);
	one(r);
	u32 id = r32(r);
	str b = rstr(r);
	if (r->bad) return false;
	part *p = find_part(name, id);
	i64 off = -1;
	int err = 0;
	if (!p) err = 3; // UNKNOWN_TOPIC_OR_PARTITION
	else if (b.n < HEADER || b.n > SEG || g32(b.p + 8) != b.n - 12 || b.p[16] != 2) err = 87; // INVALID_RECORD
	else if (!g32(b.p + 57) || g32(b.p + 57) != g32(b.p + 23) + 1) err = 87;
	else if (!nocrc && crc32c(b.p + 21, b.n - 21) != g32(b.p + 17)) err = 2; // CORRUPT_MESSAGE
	else off = part_append(p, b.p, b.n, g32(b.p + 57));
	w8(c, 2), wstr(c, name), w8(c, 2), w32(c, id), w16(c, err), w64(c, off), w64(c, -1), w64(c, err ? -1 : 0);
	w8(c, 1), wzero(c, 8); // record errors, message, tags, tags, throttle, tags
	return answer;
}
static bool fetch(conn *c, rd *r) {
	r32(r);
	int wait = r32(r), min = r32(r), err = 0;
	size_t max = r32(r), max1, n = 0, at = 0;
	r8(r), r32(r), r32(r), one(r);
	str name = rstr(r);
	one(r);
	u32 id = r32(r);
	r32(r);
	i64 off = r64(r);
	r32(r), r64(r), max1 = r32(r);
	if (r->bad) return false;
	part *p = find_part(name, id);
	seg *s = NULL;
	if (!p) err = 3; // UNKNOWN_TOPIC_OR_PARTITION
	else if (off < 0 || off > p->next) err = 1; // OFFSET_OUT_OF_RANGE
	else n = part_read(p, off, max < max1 ? max : max1, &s, &at);
	if (!err && (int)n < min && wait > 0 && !c->expired) {
		if (!c->deadline) c->deadline = now_ms() + wait;
		c->wait = true, c->wp = p, push(&waiters, c);
		return false;
	}
	c->deadline = 0, c->expired = false;
	wzero(c, 10), w8(c, 2), wstr(c, name), w8(c, 2); // throttle, error, session, topics
	w32(c, id), w16(c, err), w64(c, p ? p->end : -1), w64(c, p ? p->end : -1), w64(c, p ? 0 : -1);
	w8(c, 0), w32(c, -1), wuv(c, n + 1); // aborted transactions, preferred replica, records
	if (n > SMALL && mode != PREAD) return c->body = s, c->at = at, c->blen = n, true;
	if (n && mode != PREAD) memcpy(room(c, n), s->map + at, n);
	else if (n && pread(s->fd, room(c, n), n, at) != (ssize_t)n) die("pread");
	wzero(c, 3); // tags
	return true;
}
static bool list_offsets(conn *c, rd *r) {
	r32(r), r8(r), r32(r);
	str name = rbytes(r, r16(r));
	r32(r);
	u32 id = r32(r);
	r32(r);
	i64 ts = r64(r);
	part *p = find_part(name, id);
	w32(c, 0), w32(c, 1), wstr16(c, name), w32(c, 1);
	w32(c, id), w16(c, p ? 0 : 3), w64(c, -1), w64(c, p && ts == -1 ? p->end : p && ts == -2 ? 0 : -1), w32(c, p ? 0 : -1);
	return true;
}
static bool metadata(conn *c, rd *r) { // of one topic, or of all
	u32 asked = ruv(r);
	str name = asked ? rstr(r) : (str){zero, 0}, host = {(u8 *)"127.0.0.1", 9};
	int n = asked ? 1 : ntopics;
	if (asked && asked != 2) r->bad = true;
	w32(c, 0), w8(c, 2), w32(c, 0), wstr(c, host), w32(c, port), wzero(c, 2); // throttle; broker 0
	w8(c, 0), w32(c, 0), wuv(c, n + 1); // cluster id, controller, topics
	for (topic *t = asked ? find(name) : topics; n; n--, t++) {
		w16(c, t ? 0 : 3), wstr(c, t ? t->name : name), w8(c, 0), wuv(c, (t ? t->np : 0) + 1);
		for (int i = 0; t && i < t->np; i++) // error, index, leader, leader epoch, replicas, in sync, offline
			w16(c, 0), w32(c, i), w32(c, 0), w32(c, 0), w8(c, 2), w32(c, 0), w8(c, 2), w32(c, 0), w8(c, 1), w8(c, 0);
		w32(c, 1u << 31), w8(c, 0);
	}
	w32(c, 1u << 31), w8(c, 0); // authorized operations
	return true;
}
static bool create_topic(conn *c, rd *r) {
	if (r32(r) != 1) r->bad = true;
	str name = rbytes(r, r16(r));
	int np = r32(r), err = find(name) ? 36 : np < 1 || np > 10000 ? 37 : !name.n || name.n > 200 || *name.p == '.' ? 17 : 0;
	for (u32 i = 0; i < name.n; i++)
		if (!(name.p[i] > 32 && name.p[i] < 127 && name.p[i] != '/')) err = 17;
	if (!err && !r->bad) {
		topic t = {{memcpy(malloc(name.n), name.p, name.n), name.n}, np, calloc(np, sizeof(part))};
		for (int i = 0; i < np; i++) snprintf(t.parts[i].name, sizeof t.parts[i].name, "%.*s-%d", name.n, name.p, i);
		topics = realloc(topics, (ntopics + 1) * sizeof t);
		topics[ntopics++] = t;
	}
	w32(c, 0), w32(c, 1), wstr16(c, name), w16(c, err), w16(c, 0xffff); // throttle, topics; no message
	return true;
}
static void topic_free(topic *t) { // the partitions' structs stay behind, since parked fetches may point at them
	for (part *p = t->parts; p < t->parts + t->np; p++) {
		part_flush(p);
		for (int j = 0; j < p->nseg; j++) {
			seg *s = p->segs[j];
			for (int k = 0; k < all.n; k++)
				if (all.v[k]->blen && all.v[k]->body == s) kill_conn(all.v[k]);
			munmap(s->map, SEG), close(s->fd), unlink(s->path), free(s->idx), free(s);
		}
		p->nseg = 0;
		mark_dirty(p); // wakes those parked fetches, which then fail
	}
	free(t->name.p), *t = topics[--ntopics];
}
static bool delete_topic(conn *c, rd *r) {
	if (r32(r) != 1) r->bad = true;
	str name = rbytes(r, r16(r));
	topic *t = find(name);
	if (t) topic_free(t);
	w32(c, 0), w32(c, 1), wstr16(c, name), w16(c, t ? 0 : 3);
	return true;
}
static bool init_producer(conn *c, rd *r) {
	static i64 last;
	(void)r;
	w32(c, 0), w16(c, 0), w64(c, ++last), w16(c, 0);
	return true;
}
static const struct { u16 key, version; bool (*f)(conn *, rd *); } handlers[] = {
	{0, 11, produce}, {1, 12, fetch}, {2, 4, list_offsets}, {3, 9, metadata}, {19, 4, create_topic}, {20, 3, delete_topic}, {22, 1, init_producer},
};
static bool handle(conn *c, u8 *b, size_t n) { // false leaves the frame where it is
	rd r = {b, b + n, false};
	u16 key = r16(&r), version = r16(&r), h = 0, client;
	u32 corr = r32(&r);
	if ((client = r16(&r)) != 0xffff) take(&r, client);
	while (h < 7 && (handlers[h].key != key || handlers[h].version != version)) h++;
	size_t start = c->oe;
	w32(c, 0), w32(c, corr);
	if (key < 2 || key == 3) rtags(&r), w8(c, 0); // these versions are flexible
	bool answer = h < 7 && handlers[h].f(c, &r);
	if (h == 7 || r.bad) {
		fprintf(stderr, "floor: the load never sends this request: key %d version %d\n", key, version);
		kill_conn(c);
	}
	if (!answer || r.bad) c->oe = start;
	else p32(c->out + start, c->oe - start - 4 + (c->blen ? c->blen + 3 : 0));
	if (c->oe > c->os && !c->queued) c->queued = true, push(&todo, c);
	return !c->wait;
}

// ---- The loop.

static bool whole(conn *c) { return c->e - c->s >= 4 && c->e - c->s >= 4 + (size_t)g32(c->in + c->s); }

static void process(conn *c, int max) {
	while (max-- && !c->dead && !c->wait && !c->blen && !c->armed && whole(c)) {
		size_t n = g32(c->in + c->s);
		if (handle(c, c->in + c->s + 4, n)) c->s += 4 + n;
	}
}
static void receive(conn *c) { // one recv, of as much as there is
	size_t left = c->e - c->s, need = left < 4 ? 4 : 4 + (size_t)g32(c->in + c->s);
	if (need > MAX_FRAME) return kill_conn(c);
	if (need < left + 4096) need = left + 4096;
	if (c->s && (left <= 4096 || c->s + need > c->cap)) memmove(c->in, c->in + c->s, left), c->s = 0, c->e = left;
	if (need > c->cap - c->s) c->in = realloc(c->in, c->cap = need + rbuf);
	ssize_t n = recv(c->fd, c->in + c->e, c->cap - c->e, 0);
	if (n > 0) c->e += n;
	else if (n == 0 || errno != EAGAIN) kill_conn(c);
}
static void transmit(conn *c) {
	while (!c->dead && (c->os < c->oe || c->blen)) {
		size_t head = c->oe - c->os, n;
		struct iovec v[3] = {{c->out + c->os, head}, {c->blen ? c->body->map + c->at : NULL, c->blen}, {zero, 3}};
		ssize_t w;
		if (!c->blen) w = send(c->fd, c->out + c->os, head, 0);
		else if (mode == MMAP) w = writev(c->fd, v, 3);
		else if (head) w = send(c->fd, c->out + c->os, head, MSG_MORE);
		else w = sendfile(c->fd, c->body->fd, &(off_t){c->at}, c->blen);
		if (w < 0 && errno == EAGAIN) {
			if (!c->armed) watch(c, EPOLL_CTL_MOD, true);
			return;
		}
		if (w <= 0) return kill_conn(c);
		n = (size_t)w < head ? (size_t)w : head;
		c->os += n, w -= n;
		n = (size_t)w < c->blen ? (size_t)w : c->blen;
		c->at += n, c->blen -= n, w -= n;
		if (n && !c->blen) c->os = c->oe = 0, wzero(c, 3), c->os = w; // w of the body's closing zeroes went with it
	}
	c->os = c->oe = 0;
	if (c->armed) watch(c, EPOLL_CTL_MOD, false);
	if (!c->wait && !c->again && whole(c)) c->again = true, push(&again, c);
}
static volatile sig_atomic_t stop;
static void on_signal(int s) { stop = s; }

static void accept_one(int ls) {
	conn *c = calloc(1, sizeof *c);
	if ((c->fd = accept4(ls, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0) return free(c);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	c->in = malloc(c->cap = rbuf);
	watch(c, EPOLL_CTL_ADD, false);
	push(&all, c);
}
static int timeout(void) {
	u64 now = waiters.n && !again.n ? now_ms() : 0, first = ~0ull;
	for (int i = 0; i < waiters.n; i++)
		if (waiters.v[i]->deadline < first) first = waiters.v[i]->deadline;
	return again.n ? 0 : !waiters.n ? -1 : first > now ? (int)(first - now) : 0;
}
static void go_round(int ls, sigset_t *mask) {
	struct epoll_event ev[256];
	int n = epoll_pwait(ep, ev, 256, timeout(), mask);
	for (int i = 0; i < n; i++) {
		conn *c = ev[i].data.ptr;
		if (!c) accept_one(ls);
		else if (ev[i].events & EPOLLIN) receive(c), process(c, 1 << 30);
		else if (ev[i].events & EPOLLOUT && !c->queued) c->queued = true, push(&todo, c);
		else if (ev[i].events & (EPOLLERR | EPOLLHUP)) kill_conn(c);
	}
	for (int i = 0; i < again.n; i++) again.v[i]->again = false, process(again.v[i], 1 << 30);
	again.n = 0;
	for (int i = 0; i < ndirty; i++) part_flush(dirty[i]);
	u64 now = waiters.n ? now_ms() : 0;
	for (int i = waiters.n - 1; i >= 0; i--) { // consumers first, then the acknowledgements
		conn *c = waiters.v[i];
		c->expired = c->deadline <= now;
		if (!c->expired && !c->wp->dirty) continue;
		waiters.v[i] = waiters.v[--waiters.n], c->wait = false;
		process(c, 1);
		if (!c->wait) transmit(c);
	}
	for (int i = 0; i < todo.n; i++) todo.v[i]->queued = false, transmit(todo.v[i]);
	for (int i = 0; i < ndirty; i++) dirty[i]->dirty = false;
	todo.n = ndirty = 0;
	for (int i = 0; i < dead.n; i++) {
		conn *c = dead.v[i];
		drop(&all, c), drop(&again, c), drop(&waiters, c);
		close(c->fd), free(c->in), free(c->out), free(c);
	}
	dead.n = 0;
}
int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		char *o = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";
		if (!strcmp(o, "-nowrite")) nowrite = true;
		else if (!strcmp(o, "-nocrc")) nocrc = true;
		else if (!strcmp(o, "-port")) port = atoi(v), i++;
		else if (!strcmp(o, "-rbuf")) rbuf = (size_t)atoi(v) << 10, i++;
		else if (!strcmp(o, "-step")) step = (size_t)atoi(v) << 20, i++;
		else if (!strcmp(o, "-fetch")) mode = *v == 's' ? SENDFILE : *v == 'm' ? MMAP : PREAD, i++;
		else if (*o != '-' && !dir) dir = o;
		else dir = NULL, i = argc;
	}
	if (!dir || rbuf < 8192) {
		fprintf(stderr, "usage: floor [-port 19492] [-nowrite] [-nocrc] [-fetch sendfile|mmap|pread] [-rbuf KB] [-step MB] DATA_DIR\n");
		return 2;
	}
	crc_init();
	if (mkdir(dir, 0755) < 0 && errno != EEXIST) die(dir);
	int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(ls, (void *)&a, sizeof a) < 0 || listen(ls, 512) < 0) die("listen");
	ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = {EPOLLIN, {NULL}};
	epoll_ctl(ep, EPOLL_CTL_ADD, ls, &ev);
	sigset_t block, old;
	sigemptyset(&block), sigaddset(&block, SIGINT), sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &old); // delivered in epoll_pwait only
	sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
	signal(SIGPIPE, SIG_IGN);
	while (!stop) go_round(ls, &old);
	while (ntopics) topic_free(topics); // nothing outlives the process
	return 0;
}
