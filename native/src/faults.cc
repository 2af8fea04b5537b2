// A page of a mapped file that the disk cannot give, because it fails or because somebody cut the
// file, is a SIGBUS to whoever touches it, and the end of the process. Here it is a page of zeros
// instead, and a mark on its map: who reads a map asks for the mark before using what was read.
//
// The kernel meets such a page too when it sends a stretch of a map. The system call then fails
// with EFAULT, and there is no signal. So only the page that was touched is replaced. The others
// keep failing: what a socket still holds of the map is refused, and no zeros are sent.
#include "faults.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace millrace {
namespace {

constexpr int WATCHES = 1 << 18;
constexpr int PAGE_BITS = 12;
/** Of a range: its first page above, the count of its pages (1 TB of them) below; 0 is no range. */
constexpr int COUNT_BITS = 28;
constexpr uint64_t COUNT_MASK = (uint64_t{1} << COUNT_BITS) - 1;

/** One word a range: the handler may look while another thread takes or gives back a watch. */
std::atomic<uint64_t> ranges[WATCHES];
std::atomic<bool> lost[WATCHES];
std::atomic<int> used{0};
std::atomic<uint32_t> lostCount{0};

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
int nextFree[WATCHES];
int firstFree = -1;

struct sigaction former;
uintptr_t pageSize;

/** A range holds so many pages at most. The rest of a larger map is not watched. */
uint64_t rangeOf(void *address, size_t length) {
  const uint64_t page = reinterpret_cast<uintptr_t>(address) >> PAGE_BITS;
  const uint64_t count = (length + (size_t{1} << PAGE_BITS) - 1) >> PAGE_BITS;
  return page << COUNT_BITS | (count < COUNT_MASK ? count : COUNT_MASK);
}

int watchOf(uintptr_t address) {
  const uint64_t page = address >> PAGE_BITS;
  const int count = used.load(std::memory_order_acquire);
  for (int i = 0; i < count; i++) {
    const uint64_t range = ranges[i].load(std::memory_order_acquire);
    if (range != 0 && page - (range >> COUNT_BITS) < (range & COUNT_MASK)) return i;
  }
  return -1;
}

bool replaceByZeros(void *page) {
  const int protection = PROT_READ | PROT_WRITE;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
#if defined(SYS_mmap)
  // The wrapper of some C libraries waits for a lock here.
  return syscall(SYS_mmap, page, pageSize, protection, flags, -1, 0) != -1;
#else
  return mmap(page, pageSize, protection, flags, -1, 0) != MAP_FAILED;
#endif
}

/** Async-signal-safe: two system calls and atomic words. */
void onBusError(int, siginfo_t *info, void *) {
  const int saved = errno;
  const uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
  const bool isFault = info->si_code > 0;
  const int watch = isFault ? watchOf(address) : -1;
  if (watch >= 0 && replaceByZeros(reinterpret_cast<void *>(address & ~(pageSize - 1)))) {
    lost[watch].store(true, std::memory_order_release);
    lostCount.fetch_add(1, std::memory_order_release);
  } else {
    // No page of our maps. When this returns, the access is repeated without this handler.
    sigaction(SIGBUS, &former, nullptr);
    if (!isFault) raise(SIGBUS);
  }
  errno = saved;
}

void install() {
  pageSize = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = onBusError;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &former);
}

}  // namespace

int watchMap(void *address, size_t length) {
  pthread_mutex_lock(&mutex);
  int watch = firstFree;
  if (watch >= 0) firstFree = nextFree[watch];
  else if (used.load() < WATCHES) watch = used.load();
  if (watch >= 0) {
    lost[watch].store(false);
    showMap(watch, address, length);
    if (watch == used.load()) used.store(watch + 1, std::memory_order_release);
  }
  pthread_mutex_unlock(&mutex);
  return watch;
}

void hideMap(int watch) { ranges[watch].store(0, std::memory_order_release); }

void showMap(int watch, void *address, size_t length) {
  ranges[watch].store(rangeOf(address, length), std::memory_order_release);
}

void unwatchMap(int watch) {
  pthread_mutex_lock(&mutex);
  hideMap(watch);
  nextFree[watch] = firstFree;
  firstFree = watch;
  pthread_mutex_unlock(&mutex);
}

bool isLost(int watch) { return lost[watch].load(std::memory_order_acquire); }

uint32_t lostPages() { return lostCount.load(std::memory_order_acquire); }

void installFaultHandler() {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}

}  // namespace millrace
