// The part of the C++ runtime that the addon needs. A prebuilt addon links no C++ library, so that
// it is small and loads beside whichever one a system's Node was built with.
#include <cstddef>
#include <cstdlib>

void *operator new(size_t size) {
  void *memory = malloc(size);
  if (memory == nullptr) abort();
  return memory;
}

void operator delete(void *memory) noexcept { free(memory); }

void operator delete(void *memory, size_t) noexcept { free(memory); }
