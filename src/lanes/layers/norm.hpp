// LayerNorm over the units of each sample, fused with the ReLU and Dropout that follow it where `rectify` is set.
// Derivation of the backward pass: docs/math/layer_norm.md.
#pragma once

#include "../random.hpp"
#include "../vector.hpp"

namespace lanes::LANES_TARGET {

// mean_T and 1 / standard deviation_T over `width` units.
template <int W, int T>
LANES_INLINE void moments(const float* in, int width, float epsilon, Float<W> (&mean)[T], Float<W> (&inverse)[T]) {
    const Float<W> share = broadcast<W>(1.0f / static_cast<float>(width));
    LANES_UNROLL
    for (int t = 0; t < T; ++t) mean[t] = Float<W>{};
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int t = 0; t < T; ++t) mean[t] += load<W>(in + (i * T + t) * W);
    }
    Float<W> square[T];
    LANES_UNROLL
    for (int t = 0; t < T; ++t) {
        mean[t] *= share;
        square[t] = Float<W>{};
    }
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const Float<W> centred = load<W>(in + (i * T + t) * W) - mean[t];
            square[t] = multiply_add<W>(centred, centred, square[t]);
        }
    }
    LANES_UNROLL
    for (int t = 0; t < T; ++t)
        inverse[t] = 1.0f / square_root<W>(multiply_add<W>(square[t], share, broadcast<W>(epsilon)));
}

// `normalised` may be `in`: each value is read before it is overwritten.
template <int W, int T, bool rectify, bool drop>
LANES_INLINE void norm_forward(const float* weight, const float* bias, const float* in, float* normalised,
                               float* inverse_out, float* out, int width, float epsilon, const Dropout<W>& dropout,
                               int unit, int row) {
    Float<W> mean[T], inverse[T];
    moments<W, T>(in, width, epsilon, mean, inverse);
    LANES_UNROLL
    for (int t = 0; t < T; ++t) store<W>(inverse_out + t * W, inverse[t]);
    for (int i = 0; i < width; ++i) {
        const Float<W> gamma = load<W>(weight + i * W), beta = load<W>(bias + i * W);
        Int<W> stay[T];
        if constexpr (drop) stays<W, T>(dropout, unit + i, row, stay);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const Float<W> h = (load<W>(in + (i * T + t) * W) - mean[t]) * inverse[t];
            store<W>(normalised + (i * T + t) * W, h);
            Float<W> z = multiply_add<W>(h, gamma, beta);
            // "not below or at 0" instead of "above 0": a NaN must pass.
            if constexpr (rectify) z = keep<W>(~(z <= Float<W>{}), z);
            if constexpr (drop) z = keep<W>(stay[t], z * dropout.scale);
            store<W>(out + (i * T + t) * W, z);
        }
    }
}

// With `rectify`, a value passed the gate exactly where the output is not 0. Turns delta (gradient of the output) into
// the gradient of the input in place, where that is wanted.
template <int W, int T, bool rectify>
LANES_INLINE void norm_backward(const float* weight, float* weight_gradient, float* bias_gradient,
                                const float* normalised, const float* inverse, const float* out, float* delta,
                                int width, Float<W> scale, bool wants_delta_in) {
    Float<W> sum[T], product[T];
    LANES_UNROLL
    for (int t = 0; t < T; ++t) sum[t] = product[t] = Float<W>{};
    for (int i = 0; i < width; ++i) {
        const Float<W> gamma = load<W>(weight + i * W);
        Float<W> gamma_gradient = load<W>(weight_gradient + i * W), beta_gradient = load<W>(bias_gradient + i * W);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const int at = (i * T + t) * W;
            Float<W> d = load<W>(delta + at);
            if constexpr (rectify) d = keep<W>(load<W>(out + at) != Float<W>{}, d * scale);
            const Float<W> h = load<W>(normalised + at);
            gamma_gradient = multiply_add<W>(d, h, gamma_gradient);
            beta_gradient += d;
            d *= gamma;
            store<W>(delta + at, d);
            sum[t] += d;
            product[t] = multiply_add<W>(d, h, product[t]);
        }
        store<W>(weight_gradient + i * W, gamma_gradient);
        store<W>(bias_gradient + i * W, beta_gradient);
    }
    if (!wants_delta_in) return;
    const Float<W> share = broadcast<W>(1.0f / static_cast<float>(width));
    Float<W> scale_back[T];
    LANES_UNROLL
    for (int t = 0; t < T; ++t) {
        sum[t] *= share;
        product[t] *= -share;
        scale_back[t] = load<W>(inverse + t * W);
    }
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const int at = (i * T + t) * W;
            const Float<W> centred = load<W>(delta + at) - sum[t];
            store<W>(delta + at, multiply_add<W>(load<W>(normalised + at), product[t], centred) * scale_back[t]);
        }
    }
}

}  // namespace lanes::LANES_TARGET
