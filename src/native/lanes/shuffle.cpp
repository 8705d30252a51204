#include "shuffle.hpp"

#include <algorithm>
#include <utility>

namespace lanes {

namespace {

// Places that are drawn, and asked for, before any of them is read.
constexpr int64_t ahead = 64;

// A number of [0, most], most below 2^32: masked draws, until one is small enough.
uint32_t random_interval(const BitGenerator& random, uint32_t most) {
    const uint32_t mask = ~0u >> __builtin_clz(most);
    uint32_t drawn = random.next_uint32(random.state) & mask;
    while (drawn > most) drawn = random.next_uint32(random.state) & mask;
    return drawn;
}

}  // namespace

void shuffle(int32_t* order, int64_t count, const BitGenerator& random) {
    for (int64_t last = count - 1; last > 0; last -= ahead) {
        const int64_t drawn = std::min(ahead, last);
        uint32_t places[ahead];
        for (int64_t k = 0; k < drawn; ++k) {
            places[k] = random_interval(random, static_cast<uint32_t>(last - k));
            __builtin_prefetch(order + places[k], 1);
        }
        for (int64_t k = 0; k < drawn; ++k) std::swap(order[last - k], order[places[k]]);
    }
}

}  // namespace lanes
