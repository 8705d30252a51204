// AdamW with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW computes it, with
// clipping to a global norm and the learning-rate schedule. Derivation: docs/math/adamw.md.
#pragma once

#include <cmath>

#include "job.hpp"
#include "vector.hpp"

namespace lanes::LANES_TARGET {

// The formula of objectives/schedule.py.
LANES_INLINE double schedule_factor(const Settings& settings, int64_t applied_step) {
    if (applied_step < settings.warmup_steps)
        return static_cast<double>(applied_step) / static_cast<double>(settings.warmup_steps);
    if (!settings.cosine || settings.total_steps <= settings.warmup_steps) return 1.0;
    const double done = static_cast<double>(applied_step - settings.warmup_steps) /
                        static_cast<double>(settings.total_steps - settings.warmup_steps);
    return 0.5 * (1.0 + ::cos(3.14159265358979323846 * (done < 1.0 ? done : 1.0)));
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
            first_correction = 1.0 / (1.0 - ::pow(settings.beta1, static_cast<double>(k)));
            root_scale = 1.0 / ::sqrt(1.0 - ::pow(settings.beta2, static_cast<double>(k)));
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
    constexpr int64_t block = 256;
    Float<W> total{};
    for (int64_t start = 0; start < count; start += block) {
        const int64_t stop = start + block < count ? start + block : count;
        Float<W> sum[4] = {};
        int64_t j = start;
        for (; j + 4 <= stop; j += 4) {
            LANES_UNROLL
            for (int c = 0; c < 4; ++c) {
                const Float<W> g = load<W>(gradients + (j + c) * W);
                sum[c] = multiply_add<W>(g, g, sum[c]);
            }
        }
        for (; j < stop; ++j) {
            const Float<W> g = load<W>(gradients + j * W);
            sum[0] = multiply_add<W>(g, g, sum[0]);
        }
        total += (sum[0] + sum[1]) + (sum[2] + sum[3]);
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

// One step of every lane in `applies`; with all_lanes set, of all lanes, without asking.
template <int W, bool all_lanes>
LANES_INLINE void adamw(const Settings& settings, Pack& pack, int64_t count, const Rates<W>& rates, Float<W> clip,
                        Int<W> applies) {
    const Float<W> beta2 = broadcast<W>(static_cast<float>(settings.beta2));
    const Float<W> rest1 = broadcast<W>(static_cast<float>(1.0 - settings.beta1));
    const Float<W> rest2 = broadcast<W>(static_cast<float>(1.0 - settings.beta2));
    const float epsilon = static_cast<float>(settings.epsilon);
    for (int64_t at = 0; at < count * W; at += W) {
        const Float<W> p = load<W>(pack.parameters + at), m = load<W>(pack.first_moment + at);
        const Float<W> v = load<W>(pack.second_moment + at), g = load<W>(pack.gradients + at) * clip;
        const Float<W> m_next = multiply_add<W>(g - m, rest1, m);
        const Float<W> v_next = multiply_add<W>(g * rest2, g, v * beta2);
        const Float<W> root = multiply_add<W>(square_root<W>(v_next), rates.root_scale, broadcast<W>(epsilon));
        const Float<W> p_next = multiply_add<W>(p, rates.decay, -(rates.step_size * m_next) / root);
        if constexpr (all_lanes) {
            store<W>(pack.first_moment + at, m_next);
            store<W>(pack.second_moment + at, v_next);
            store<W>(pack.parameters + at, p_next);
        } else {
            store<W>(pack.first_moment + at, applies ? m_next : m);
            store<W>(pack.second_moment + at, applies ? v_next : v);
            store<W>(pack.parameters + at, applies ? p_next : p);
        }
    }
}

}  // namespace lanes::LANES_TARGET
