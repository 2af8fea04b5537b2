/*
 * Preloaded into a broker: its wall clock is shifted and its disk is slow, as a file of numbers
 * says that may be changed at any time. The monotonic clock is left alone, as by a system whose
 * time is set. Waits until a time of the wall clock are left alone, too.
 *
 * SHIM_NUMBERS names the file, whose layout lib/shims.mjs has, too. SHIM_DISK is what the paths
 * begin with of the files that are slow.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000LL
#define MICROSECOND 1000LL
#define MILLISECOND 1000000LL

struct numbers {
  volatile int64_t shift_ms;
  volatile int64_t write_ms;
  volatile int64_t sync_ms;
  volatile int64_t read_ms;
};

static const struct numbers unset;
static const struct numbers *numbers = &unset;
static const char *disk = "";

__attribute__((constructor)) static void load(void) {
  const char *file = getenv("SHIM_NUMBERS");
  const char *beginning = getenv("SHIM_DISK");
  if (file == NULL || beginning == NULL) return;
  disk = beginning;
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *at = mmap(NULL, sizeof(struct numbers), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (at != MAP_FAILED) numbers = at;
}

/* The function of that name which this one hides. */
#define REAL(name) ((__typeof__(&name))hidden(#name, &real_##name))
#define HIDES(name) static void *real_##name

static void *hidden(const char *name, void **known) {
  if (*known == NULL) *known = dlsym(RTLD_NEXT, name);
  return *known;
}

/* Clocks. The system is asked itself, since a clock may be read before symbols can be found. */

static void shift(struct timespec *at) {
  int64_t ms = numbers->shift_ms;
  if (ms == 0) return;
  int64_t nanoseconds = at->tv_nsec + (ms % 1000) * MILLISECOND;
  at->tv_sec += ms / 1000;
  if (nanoseconds < 0) {
    at->tv_sec -= 1;
    nanoseconds += NANOSECONDS;
  } else if (nanoseconds >= NANOSECONDS) {
    at->tv_sec += 1;
    nanoseconds -= NANOSECONDS;
  }
  at->tv_nsec = nanoseconds;
}

HIDES(clock_gettime);
int clock_gettime(clockid_t id, struct timespec *at) {
  __typeof__(&clock_gettime) real = REAL(clock_gettime);
  int failed = real != NULL ? real(id, at) : (int)syscall(SYS_clock_gettime, id, at);
  if (failed == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) shift(at);
  return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / MICROSECOND;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) *at = now.tv_sec;
  return now.tv_sec;
}

int timespec_get(struct timespec *at, int base) {
  if (base != TIME_UTC) return 0;
  clock_gettime(CLOCK_REALTIME, at);
  return base;
}

/* Disks. */

static int is_on_disk(int fd) {
  struct stat about;
  if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path);
  size_t beginning = strlen(disk);
  return length > (ssize_t)beginning && memcmp(path, disk, beginning) == 0;
}

static void delay(int fd, int64_t ms) {
  if (ms == 0) return;
  int error = errno;
  if (is_on_disk(fd)) {
    struct timespec left = {ms / 1000, (ms % 1000) * MILLISECOND};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
  }
  errno = error;
}

#define SLOW(result, name, when, parameters, ...) \
  HIDES(name);                                    \
  result name parameters {                        \
    delay(fd, numbers->when);                     \
    return REAL(name)(__VA_ARGS__);               \
  }

SLOW(ssize_t, write, write_ms, (int fd, const void *from, size_t length), fd, from, length)
SLOW(ssize_t, writev, write_ms, (int fd, const struct iovec *parts, int count), fd, parts, count)
SLOW(ssize_t, pwrite, write_ms, (int fd, const void *from, size_t length, off_t at), fd, from,
     length, at)
SLOW(ssize_t, pwrite64, write_ms, (int fd, const void *from, size_t length, off64_t at), fd, from,
     length, at)
SLOW(ssize_t, pwritev, write_ms, (int fd, const struct iovec *parts, int count, off_t at), fd,
     parts, count, at)
SLOW(ssize_t, pwritev64, write_ms, (int fd, const struct iovec *parts, int count, off64_t at), fd,
     parts, count, at)

SLOW(ssize_t, read, read_ms, (int fd, void *to, size_t length), fd, to, length)
SLOW(ssize_t, readv, read_ms, (int fd, const struct iovec *parts, int count), fd, parts, count)
SLOW(ssize_t, pread, read_ms, (int fd, void *to, size_t length, off_t at), fd, to, length, at)
SLOW(ssize_t, pread64, read_ms, (int fd, void *to, size_t length, off64_t at), fd, to, length, at)
SLOW(ssize_t, preadv, read_ms, (int fd, const struct iovec *parts, int count, off_t at), fd, parts,
     count, at)
SLOW(ssize_t, preadv64, read_ms, (int fd, const struct iovec *parts, int count, off64_t at), fd,
     parts, count, at)
SLOW(ssize_t, sendfile, read_ms, (int to, int fd, off_t *at, size_t length), to, fd, at, length)
SLOW(ssize_t, sendfile64, read_ms, (int to, int fd, off64_t *at, size_t length), to, fd, at,
     length)

SLOW(int, fsync, sync_ms, (int fd), fd)
SLOW(int, fdatasync, sync_ms, (int fd), fd)
SLOW(int, sync_file_range, sync_ms, (int fd, off64_t at, off64_t length, unsigned flags), fd, at,
     length, flags)
