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

// Two 16-bit numbers per lane for (unit, row / 2).
template <int W>
struct Draw {
    Word<W> even;  // of the even row
    Word<W> odd;
};

// The halves of two rounds of multiply and shift (constants of Wellons' lowbias32), with half of the key before each:
// `x` is the counter and the key's low half.
template <int W>
LANES_INLINE Draw<W> draw(Word<W> x, Word<W> key_high) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= key_high;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    const Word<W> odd = x >> 16;  // the last round would xor it with x, which leaves the high half as it is
    return {(x ^ odd) & 0xffffu, odd};
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

// For consecutive units from `first` on and each sample of the tile: all bits set where the unit keeps its value.
template <int W, int T>
class KeepMasks {
public:
    LANES_MEMBER KeepMasks(const TileDropout<W>& dropout, int first)
        : key_high_(repeat_word<V, W>(dropout.step.keys.high)), threshold_(repeat_int<V, W>(dropout.step.threshold)) {
        for (int e = 0; e < V; ++e) {
            odd_[e] = -(e / W & 1);
            counted_[e] = static_cast<uint32_t>(e / W >> 1);  // pairs of rows, within the register
        }
        counted_ += repeat_word<V, W>(dropout.step.keys.low) + dropout_counter(first, dropout.row);
    }
    LANES_MEMBER Mask<W, T> next() {
        Mask<W, T> mask;
        if constexpr (samples == 1) {
            LANES_UNROLL
            for (int t = 0; t < T; t += 2) {
                const Draw<V> drawn = draw<V>(counted_ + static_cast<uint32_t>(t >> 1), key_high_);
                mask.part[t] = (Int<V>)drawn.even >= threshold_;
                mask.part[t + 1] = (Int<V>)drawn.odd >= threshold_;
            }
        } else {
            LANES_UNROLL
            for (int p = 0; p < Block<W, T>::parts; ++p) {
                const Draw<V> drawn = draw<V>(counted_ + static_cast<uint32_t>(p * samples >> 1), key_high_);
                mask.part[p] = (Int<V>)(odd_ ? drawn.odd : drawn.even) >= threshold_;
            }
        }
        counted_ += uint32_t{1} << counter_row_bits;
        return mask;
    }

private:
    static constexpr int V = Block<W, T>::width, samples = Block<W, T>::samples;
    Word<V> counted_, key_high_;
    Int<V> threshold_, odd_;
};

}  // namespace lanes::LANES_TARGET
