// The maps of files that this process has, as the handler of SIGBUS knows them: see faults.cc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace {

/** From here on a page of it that cannot be read is given as zeros. -1: too many maps. */
int watchMap(void *address, size_t length);

/** To be called before the memory is unmapped: it may soon be somebody else's. */
void unwatchMap(int watch);

/** The same before it is moved, and what follows that; the mark stays. */
void hideMap(int watch);
void showMap(int watch, void *address, size_t length);

/** Whether a page of it was given as zeros since it is watched. */
bool isLost(int watch);

/** Pages given as zeros so far, in all maps of the process. */
uint32_t lostPages();

void installFaultHandler();

}  // namespace millrace
