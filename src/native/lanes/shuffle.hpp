// Random orders, as numpy makes them.
#pragma once

#include <cstdint>

namespace lanes {

// What the capsule of a numpy bit generator holds: bitgen_t of numpy/random/bitgen.h.
struct BitGenerator {
    void* state;
    uint64_t (*next_uint64)(void* state);
    uint32_t (*next_uint32)(void* state);
    double (*next_double)(void* state);
    uint64_t (*next_raw)(void* state);
};

// The order, and the draws, of numpy.random.Generator.shuffle (_shuffle_raw of numpy/random/_generator.pyx, random_interval
// of its distributions.c), which waits for the memory at every row.
void shuffle(int32_t* order, int64_t count, const BitGenerator& random);

}  // namespace lanes
