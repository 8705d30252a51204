// Counter-based random bits: what is drawn depends on the member's key, the step, the unit and the row's place in its
// batch, never on what was drawn before, on the lane or on the thread.
#pragma once

#include "block.hpp"
#include "job.hpp"

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

// Two 16-bit numbers per lane for (unit, row / 2): the low half for the even row, the high half for the odd one.
// Two rounds of multiply and shift (constants of Wellons' lowbias32), with half of the key before each.
template <int W>
LANES_INLINE Word<W> random_bits(const StepKeys<W>& keys, Word<W> counter) {
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
    return (static_cast<uint32_t>(unit) << counter_row_bits) + static_cast<uint32_t>(row >> 1);
}

// Per lane, for one step: which 16-bit numbers drop a value, and the factor on those that stay.
template <int W>
struct Dropout {
    StepKeys<W> keys;
    Int<W> threshold;
    Float<W> scale;
    bool any;  // false: no lane of the pack drops anything
};

// The same for one tile, whose first sample is row `row` of its batch; `row` is even.
template <int W>
struct TileDropout {
    const Dropout<W>& step;
    int row;
};

// For each sample of the tile: all bits set where the unit keeps its value.
template <int W, int T>
LANES_INLINE Mask<W, T> keep_mask(const TileDropout<W>& dropout, int unit) {
    constexpr int V = Block<W, T>::width, samples = Block<W, T>::samples;
    const uint32_t counter = dropout_counter(unit, dropout.row);
    const Dropout<W>& step = dropout.step;
    Mask<W, T> mask;
    if constexpr (samples == 1) {
        LANES_UNROLL
        for (int t = 0; t < T; t += 2) {
            const Word<W> bits = random_bits<W>(step.keys, Word<W>{} + (counter + static_cast<uint32_t>(t >> 1)));
            mask.part[t] = (Int<W>)(bits & 0xffffu) >= step.threshold;
            mask.part[t + 1] = (Int<W>)(bits >> 16) >= step.threshold;
        }
    } else {
        Word<V> pair;  // of rows, counted within the register
        Int<V> odd;
        for (int e = 0; e < V; ++e) {
            pair[e] = static_cast<uint32_t>(e / W >> 1);
            odd[e] = -(e / W & 1);
        }
        const StepKeys<V> keys = {repeat_word<V, W>(step.keys.low), repeat_word<V, W>(step.keys.high)};
        const Int<V> threshold = repeat_int<V, W>(step.threshold);
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            const Word<V> bits = random_bits<V>(keys, pair + (counter + static_cast<uint32_t>(p * samples >> 1)));
            mask.part[p] = (Int<V>)(odd ? bits >> 16 : bits & 0xffffu) >= threshold;
        }
    }
    return mask;
}

}  // namespace lanes::LANES_TARGET
