// A square of numbers in registers, turned.
#pragma once

#include "vector.hpp"

namespace lanes::LANES_TARGET {

// From two registers, a0 b0 a1 b1 ...: of their first halves, then of their second halves.
template <int V>
LANES_INLINE Float<V> interleave_low(Float<V> a, Float<V> b) {
    if constexpr (V == 4) return __builtin_shufflevector(a, b, 0, 4, 1, 5);
    if constexpr (V == 8) return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    if constexpr (V == 16)
        return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

template <int V>
LANES_INLINE Float<V> interleave_high(Float<V> a, Float<V> b) {
    if constexpr (V == 4) return __builtin_shufflevector(a, b, 2, 6, 3, 7);
    if constexpr (V == 8) return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    if constexpr (V == 16)
        return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// V x V numbers: interleaving the first half of the rows with the second, log2(V) times, transposes them.
template <int V>
LANES_INLINE void transpose(Float<V> (&rows)[V]) {
    LANES_UNROLL
    for (int done = 1; done < V; done *= 2) {
        Float<V> next[V];
        LANES_UNROLL
        for (int k = 0; k < V / 2; ++k) {
            next[2 * k] = interleave_low<V>(rows[k], rows[k + V / 2]);
            next[2 * k + 1] = interleave_high<V>(rows[k], rows[k + V / 2]);
        }
        LANES_UNROLL
        for (int k = 0; k < V; ++k) rows[k] = next[k];
    }
}

}  // namespace lanes::LANES_TARGET
