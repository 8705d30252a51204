// Counter-based random bits: what is drawn depends on the member's key, the step, the unit and the row's place in its
// batch, never on what was drawn before, on the lane or on the thread.
#pragma once

#include "vector.hpp"

namespace lanes::LANES_TARGET {

// The finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators").
LANES_INLINE uint64_t mix64(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// The 64 bits that one step of one member adds to every counter.
LANES_INLINE uint64_t step_key(uint64_t member_key, uint64_t step) {
    return mix64(member_key + 0x9e3779b97f4a7c15u * (step + 1));
}

template <int W>
struct StepKeys {
    Word<W> low;
    Word<W> high;
};

// Two 16-bit numbers a lane for (unit, row / 2): the low half for the even row, the high half for the odd one.
// Two rounds of multiply and shift (constants of Wellons' lowbias32), with half of the key before each.
template <int W>
LANES_INLINE Word<W> random_bits(const StepKeys<W>& keys, uint32_t counter) {
    Word<W> x = keys.low + counter;
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= keys.high;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

LANES_INLINE uint32_t dropout_counter(int unit, int row) {
    return (static_cast<uint32_t>(unit) << 16) + static_cast<uint32_t>(row >> 1);
}

// Per lane: which 16-bit numbers drop a value, and the factor on those that stay.
template <int W>
struct Dropout {
    StepKeys<W> keys;
    Int<W> threshold;
    Float<W> scale;
    bool any;  // false: no lane of the pack drops anything
};

// For each sample of the tile a mask: all bits set where (unit, row) stays. `row` is even when T is.
template <int W, int T>
LANES_INLINE void stays(const Dropout<W>& dropout, int unit, int row, Int<W> (&mask)[T]) {
    if constexpr (T == 1) {
        const Word<W> bits = random_bits<W>(dropout.keys, dropout_counter(unit, row));
        mask[0] = (Int<W>)((row & 1) ? bits >> 16 : bits & 0xffffu) >= dropout.threshold;
    } else {
        LANES_UNROLL
        for (int t = 0; t < T; t += 2) {
            const Word<W> bits = random_bits<W>(dropout.keys, dropout_counter(unit, row + t));
            mask[t] = (Int<W>)(bits & 0xffffu) >= dropout.threshold;
            mask[t + 1] = (Int<W>)(bits >> 16) >= dropout.threshold;
        }
    }
}

}  // namespace lanes::LANES_TARGET
