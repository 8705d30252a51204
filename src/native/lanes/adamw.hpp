// AdamW with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW computes it, with
// clipping to a global norm and the learning-rate schedule. Derivation: docs/math/adamw.md.
#pragma once

#include "block.hpp"
#include "job.hpp"

namespace lanes::LANES_TARGET {

// The formula of objectives/schedule.py.
LANES_INLINE double schedule_factor(const Settings& settings, int64_t applied_step) {
    if (applied_step < settings.warmup_steps)
        return static_cast<double>(applied_step) / static_cast<double>(settings.warmup_steps);
    if (!settings.cosine || settings.total_steps <= settings.warmup_steps) return 1.0;
    const double done = static_cast<double>(applied_step - settings.warmup_steps) /
                        static_cast<double>(settings.total_steps - settings.warmup_steps);
    return 0.5 * (1.0 + __builtin_cos(3.14159265358979323846 * (done < 1.0 ? done : 1.0)));
}

// 1 - beta^k, which undoes that a moment starts at 0. As beta^k <= exp(-k (1 - beta)), it is 1 exactly from some k on: pow
// takes hundreds of cycles over what is too small for a float64.
LANES_INLINE double moment_correction(double beta, int64_t k) {
    const double steps = static_cast<double>(k);
    return steps * (1.0 - beta) > 40.0 ? 1.0 : 1.0 - __builtin_pow(beta, steps);
}

// Per lane, for one step.
template <int W>
struct Rates {
    Float<W> decay;         // 1 - learning rate * weight decay
    Float<W> step_size;     // learning rate / (1 - beta1^k)
    Float<W> root_scale;    // 1 / sqrt(1 - beta2^k)
};

template <int W>
LANES_INLINE Rates<W> rates_of_step(const Settings& settings, const Pack& pack) {
    Rates<W> rates;
    int64_t k = -1;
    double factor = 0.0, first_correction = 1.0, root_scale = 1.0;
    for (int lane = 0; lane < W; ++lane) {
        if (pack.applied[lane] + 1 != k) {  // lanes that never skipped a step share one computation
            k = pack.applied[lane] + 1;
            factor = schedule_factor(settings, k);
            first_correction = 1.0 / moment_correction(settings.beta1, k);
            root_scale = 1.0 / __builtin_sqrt(moment_correction(settings.beta2, k));
        }
        const double rate = pack.learning_rate[lane] * factor;
        rates.decay[lane] = static_cast<float>(1.0 - rate * pack.weight_decay[lane]);
        rates.step_size[lane] = static_cast<float>(rate * first_correction);
        rates.root_scale[lane] = static_cast<float>(root_scale);
    }
    return rates;
}

// Sum of the squares of all gradients: four running sums within blocks, then over the blocks, so that neither the
// latency of one chain nor the rounding of one long sum counts.
template <int W>
LANES_INLINE Float<W> squared_norm(const float* gradients, int64_t count) {
    constexpr int64_t stretch = 256;
    Float<W> total{};
    for (int64_t start = 0; start < count; start += stretch) {
        const int64_t stop = start + stretch < count ? start + stretch : count;
        Block<W, 4> sums = {};
        int64_t j = start;
        for (; j + 4 <= stop; j += 4) {
            const Block<W, 4> g = load_block<W, 4>(gradients + j * W);
            LANES_UNROLL
            for (int p = 0; p < Block<W, 4>::parts; ++p)
                sums.part[p] = multiply_add<Block<W, 4>::width>(g.part[p], g.part[p], sums.part[p]);
        }
        alignas(64) float sum[4 * W];
        store_block<W, 4>(sum, sums);
        Float<W> rest = load<W>(sum);
        for (; j < stop; ++j) {
            const Float<W> g = load<W>(gradients + j * W);
            rest = multiply_add<W>(g, g, rest);
        }
        total += (rest + load<W>(sum + W)) + (load<W>(sum + 2 * W) + load<W>(sum + 3 * W));
    }
    return total;
}

// torch.nn.utils.clip_grad_norm_: the factor min(1, limit / (norm + 1e-6)).
template <int W>
LANES_INLINE Float<W> clip_factor(Float<W> norm, double max_grad_norm) {
    if (max_grad_norm <= 0.0) return broadcast<W>(1.0f);
    const Float<W> factor = static_cast<float>(max_grad_norm) / (norm + 1e-6f);
    return factor < 1.0f ? factor : broadcast<W>(1.0f);
}

// Floats [at, at + V) of one step, V a multiple of W; leaves the gradients at 0 for the next batch.
template <int W, int V, bool all_lanes>
LANES_INLINE void adamw_at(const Settings& settings, Pack& pack, int64_t at, const Rates<W>& rates, Float<W> clip,
                           Int<W> applies) {
    const Float<V> beta2 = broadcast<V>(static_cast<float>(settings.beta2));
    const Float<V> rest1 = broadcast<V>(static_cast<float>(1.0 - settings.beta1));
    const Float<V> rest2 = broadcast<V>(static_cast<float>(1.0 - settings.beta2));
    const Float<V> epsilon = broadcast<V>(static_cast<float>(settings.epsilon));
    const Float<V> p = load<V>(pack.parameters + at), m = load<V>(pack.first_moment + at);
    const Float<V> v = load<V>(pack.second_moment + at), g = load<V>(pack.gradients + at) * repeat<V, W>(clip);
    const Float<V> m_next = multiply_add<V>(g - m, rest1, m);
    const Float<V> v_next = multiply_add<V>(g * rest2, g, v * beta2);
    const Float<V> root = multiply_add<V>(square_root<V>(v_next), repeat<V, W>(rates.root_scale), epsilon);
    const Float<V> moved = -(repeat<V, W>(rates.step_size) * m_next) / root;
    const Float<V> p_next = multiply_add<V>(p, repeat<V, W>(rates.decay), moved);
    store<V>(pack.gradients + at, Float<V>{});
    if constexpr (all_lanes) {
        store<V>(pack.first_moment + at, m_next);
        store<V>(pack.second_moment + at, v_next);
        store<V>(pack.parameters + at, p_next);
    } else {
        const Int<V> applied = repeat_int<V, W>(applies);
        store<V>(pack.first_moment + at, applied ? m_next : m);
        store<V>(pack.second_moment + at, applied ? v_next : v);
        store<V>(pack.parameters + at, applied ? p_next : p);
    }
}

// One step of every lane in `applies`; with all_lanes set, of all lanes, without asking.
template <int W, bool all_lanes>
LANES_INLINE void adamw(const Settings& settings, Pack& pack, int64_t count, const Rates<W>& rates, Float<W> clip,
                        Int<W> applies) {
    int64_t at = 0;
    for (; at + register_floats <= count * W; at += register_floats)
        adamw_at<W, register_floats, all_lanes>(settings, pack, at, rates, clip, applies);
    for (; at < count * W; at += W) adamw_at<W, W, all_lanes>(settings, pack, at, rates, clip, applies);
}

}  // namespace lanes::LANES_TARGET
