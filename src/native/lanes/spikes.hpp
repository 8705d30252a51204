// Loss spikes: the logarithms of loss and gradient norm against centre and scale of the steps before. The rule, with its
// reasons, is that of src/tailproof/engines/spike_rule.py.
#pragma once

#include "job.hpp"
#include "vector.hpp"

namespace lanes::LANES_TARGET {

template <int W>
LANES_INLINE Float<W> lower(Float<W> a, Float<W> b) {
    return a < b ? a : b;
}

// The base-2 logarithm of positive numbers, straight between powers of two: read off the bits, the same everywhere.
template <int W>
LANES_INLINE Float<W> straight_log2(Float<W> value) {
    return __builtin_convertvector((Int<W>)value, Float<W>) * 1.1920928955078125e-7f - 127.0f;
}

// One quantity's centre and scale, in lanes; `share` is the weight of the new value. Returns its robust z-score.
template <int W>
LANES_INLINE Float<W> follow(const SpikeRule& rule, float* center, float* scale, Float<W> value, Float<W> share,
                             Int<W> first, Int<W> counts) {
    const Float<W> level = straight_log2<W>(value);
    const Float<W> c = load_unaligned<W>(center), s = load_unaligned<W>(scale);
    const Float<W> unit = s > rule.floor ? s : broadcast<W>(rule.floor);
    const Float<W> distance = level - c;
    const Float<W> bound = unit * rule.bound;
    const Float<W> high = lower<W>(distance, bound), moved = high < -bound ? -bound : high;
    const Float<W> size = moved < 0.0f ? -moved : moved;
    const Float<W> next_c = c + share * moved, next_s = s + share * (size * rule.deviation - s);
    store_unaligned<W>(center, counts ? (first ? level : next_c) : c);
    store_unaligned<W>(scale, counts ? (first ? broadcast<W>(1.0f) : next_s) : s);
    return distance / unit;
}

// All bits set where the step is a spike; takes loss and norm into the pack's trail where both are finite and above 0.
template <int W>
LANES_INLINE Int<W> spikes(const SpikeRule& rule, Pack& pack, Float<W> loss, Float<W> norm) {
    if (rule.limit <= 0.0f) return Int<W>{};
    const Int<W> counts = is_finite<W>(loss) & is_finite<W>(norm) & (loss > 0.0f) & (norm > 0.0f);
    const Float<W> seen = load_unaligned<W>(pack.trail[0]);
    const Float<W> least = broadcast<W>(1.0f / rule.window), fresh = 1.0f / (seen + 1.0f);
    const Float<W> share = fresh > least ? fresh : least;
    const Int<W> first = seen == Float<W>{};
    const Float<W> loss_score = follow<W>(rule, pack.trail[1], pack.trail[2], loss, share, first, counts);
    const Float<W> norm_score = follow<W>(rule, pack.trail[3], pack.trail[4], norm, share, first, counts);
    store_unaligned<W>(pack.trail[0], counts ? seen + 1.0f : seen);
    const Float<W> worst = loss_score > norm_score ? loss_score : norm_score;
    return counts & (worst > rule.limit) & (seen >= rule.grace);
}

}  // namespace lanes::LANES_TARGET
