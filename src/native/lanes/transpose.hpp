// A square of numbers in registers, turned.
#pragma once

#include "vector.hpp"

namespace lanes::LANES_TARGET {

// From two registers, a0 b0 a1 b1 ...: of their first halves, then of their second halves.
template <int V>
LANES_INLINE Float<V> interleave_low(Float<V> a, Float<V> b) {
    if constexpr (V == 4) return __builtin_shufflevector(a, b, 0, 4, 1, 5);
    if constexpr (V == 16)
        return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

template <int V>
LANES_INLINE Float<V> interleave_high(Float<V> a, Float<V> b) {
    if constexpr (V == 4) return __builtin_shufflevector(a, b, 2, 6, 3, 7);
    if constexpr (V == 16)
        return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Eight registers whose halves cannot be crossed cheaply: squares of four within the halves first, then the halves.
LANES_INLINE void transpose_halves(Float<8> (&rows)[8]) {
    Float<8> pairs[8];
    LANES_UNROLL
    for (int k = 0; k < 8; k += 4) {
        LANES_UNROLL
        for (int j = 0; j < 2; ++j) {
            const Float<8> a = rows[k + 2 * j], b = rows[k + 2 * j + 1];
            pairs[k + j] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
            pairs[k + j + 2] = __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
        }
        LANES_UNROLL
        for (int j = 0; j < 2; ++j) {
            const Float<8> a = pairs[k + 2 * j], b = pairs[k + 2 * j + 1];
            rows[k + 2 * j] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
            rows[k + 2 * j + 1] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    LANES_UNROLL
    for (int k = 0; k < 4; ++k) {
        const Float<8> a = rows[k], b = rows[k + 4];
        rows[k] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
        rows[k + 4] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

// V x V numbers: interleaving the first half of the rows with the second, log2(V) times, transposes them.
template <int V>
LANES_INLINE void transpose(Float<V> (&rows)[V]) {
    if constexpr (V == 8) {
        transpose_halves(rows);
    } else {
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
}

}  // namespace lanes::LANES_TARGET
