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
    Word<W> high;  // with the bits of flips_top_bit flipped
};

// Flipping these bits before `x ^= x >> 15` and a product with an odd number flips the top bit after both, and no other.
// With its top bit flipped, an unsigned number can be compared as a signed one, which is all that many processors compare.
constexpr uint32_t flips_top_bit = 0x80010002u;

// Two 16-bit numbers per lane for (unit, row / 2), their top bits flipped: the upper half of the result x is the odd row's,
// the upper half of x ^ (x << 16) the even row's. Two rounds of multiply and shift (constants of Wellons' lowbias32), with
// half of the key before each: `x` is the counter and the key's low half.
template <int W>
LANES_INLINE Word<W> draw(Word<W> x, Word<W> key_high) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= key_high;
    x ^= x >> 15;
    return x * 0x846ca68bu;
}

LANES_INLINE uint32_t dropout_counter(int unit, int row) {
    return (static_cast<uint32_t>(unit) << counter_row_bits) + static_cast<uint32_t>(row >> 1);
}

// Per lane, for one step: which numbers drop a value, and the factor on values that stay.
template <int W>
struct Dropout {
    StepKeys<W> keys;
    Int<W> threshold;  // see drop_threshold
    Float<W> scale;
    bool any;  // false: no lane of the pack drops anything
};

// The same for one tile, whose first sample is row `row` of its batch; `row` is even.
template <int W>
struct TileDropout {
    const Dropout<W>& step;
    int row;
};

// In its upper half, how many of the 2^16 numbers drop a value, top bit flipped as theirs is: what lies below them plays no
// part in a comparison. A rate that rounds to 1 still keeps one value in 2^32.
LANES_INLINE int32_t drop_threshold(float rate) {
    const uint32_t below = static_cast<uint32_t>(rate * 65536.0f + 0.5f);
    return static_cast<int32_t>((below < 65536u ? below << 16 : 0xffffffffu) ^ 0x80000000u);
}

// For consecutive units from `unit` on, parts [first, last) of each: all bits set where a value is dropped.
template <int W, int T, int first, int last>
class DropMasks {
public:
    LANES_MEMBER DropMasks(const TileDropout<W>& dropout, int unit)
        : key_high_(repeat_word<V, W>(dropout.step.keys.high)), threshold_(repeat_int<V, W>(dropout.step.threshold)) {
        for (int e = 0; e < V; ++e) {
            even_[e] = e / W & 1 ? 0u : ~0u;
            counted_[e] = static_cast<uint32_t>(e / W + first * samples) >> 1;  // pairs of rows, within the unit
        }
        counted_ += repeat_word<V, W>(dropout.step.keys.low) + dropout_counter(unit, dropout.row);
    }
    // Writes those of the next unit to `unit`, laid out like its values.
    LANES_MEMBER void next(float* unit) {
        constexpr int parts_of_draw = samples == 1 ? 2 : 1;
        LANES_UNROLL
        for (int p = first; p < last; p += parts_of_draw) {
            const auto pairs = static_cast<uint32_t>((p - first) * samples >> 1);
            const Word<V> odd = draw<V>(counted_ + pairs, key_high_), shifted = odd << 16;
            if constexpr (samples == 1) {
                set(unit, p, threshold_ > (Int<V>)(odd ^ shifted));
                set(unit, p + 1, threshold_ > (Int<V>)odd);
            } else {
                set(unit, p, threshold_ > (Int<V>)(odd ^ (shifted & even_)));
            }
        }
        counted_ += uint32_t{1} << counter_row_bits;
    }

private:
    static constexpr int V = Block<W, T>::width, samples = Block<W, T>::samples;
    LANES_MEMBER void set(float* unit, int part, Int<V> mask) { store<V>(unit + part * V, (Float<V>)mask); }
    Word<V> counted_, key_high_, even_;
    Int<V> threshold_;
};

}  // namespace lanes::LANES_TARGET
