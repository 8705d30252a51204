// LayerNorm over the units of each sample, fused with the ReLU and Dropout that follow it where `rectify` is set.
// Derivation of the backward pass: docs/math/layer_norm.md.
#pragma once

#include "../random.hpp"
#include "turn.hpp"

namespace lanes::LANES_TARGET {

// mean_T and 1 / standard deviation_T over `width` units.
template <int W, int T>
LANES_INLINE void moments(const float* in, int width, float epsilon, Block<W, T>& mean, Block<W, T>& inverse) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const Float<V> share = broadcast<V>(1.0f / static_cast<float>(width));
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) mean.part[p] = Float<V>{};
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) mean.part[p] += load<V>(in + i * T * W + p * V);
    }
    Float<V> square[parts];
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) {
        mean.part[p] *= share;
        square[p] = Float<V>{};
    }
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            const Float<V> centred = load<V>(in + i * T * W + p * V) - mean.part[p];
            square[p] = multiply_add<V>(centred, centred, square[p]);
        }
    }
    LANES_UNROLL
    for (int p = 0; p < parts; ++p)
        inverse.part[p] = 1.0f / square_root<V>(multiply_add<V>(square[p], share, broadcast<V>(epsilon)));
}

// `normalised` may be `in`: each value is read before it is overwritten.
template <int W, int T, bool rectify, bool drop>
LANES_INLINE void norm_forward(const float* weight, const float* bias, const float* in, float* normalised,
                               float* inverse_out, float* out, int width, float epsilon, const Dropout<W>& dropout,
                               int unit, int row) {
    constexpr int V = Block<W, T>::width;
    Block<W, T> mean, inverse;
    moments<W, T>(in, width, epsilon, mean, inverse);
    store_block<W, T>(inverse_out, inverse);
    const Float<V> scale = repeat<V, W>(dropout.scale);
    for (int i = 0; i < width; ++i) {
        const Float<V> gamma = repeat<V, W>(load<W>(weight + i * W)), beta = repeat<V, W>(load<W>(bias + i * W));
        Mask<W, T> stay;
        if constexpr (drop) stays<W, T>(dropout, unit + i, row, stay);
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            const int at = i * T * W + p * V;
            const Float<V> h = (load<V>(in + at) - mean.part[p]) * inverse.part[p];
            store<V>(normalised + at, h);
            Float<V> z = multiply_add<V>(h, gamma, beta);
            // "not below or at 0" instead of "above 0": a NaN must pass.
            if constexpr (rectify) z = keep<V>(~(z <= Float<V>{}), z);
            if constexpr (drop) z = keep<V>(stay.part[p], z * scale);
            store<V>(out + at, z);
        }
    }
}

// With `rectify`, a value passed the gate exactly where the output is not 0. Turns delta (gradient of the output) into
// the gradient of the input in place, where that is wanted.
template <int W, int T, bool rectify>
LANES_INLINE void norm_backward(const float* weight, float* weight_gradient, float* bias_gradient,
                                const float* normalised, const float* inverse, const float* out, float* delta,
                                int width, Float<W> scale_lanes, bool wants_delta_in) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const Float<V> scale = repeat<V, W>(scale_lanes);
    Float<V> sum[parts], product[parts];
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) sum[p] = product[p] = Float<V>{};
    const auto passed = [&](int at) LANES_LAMBDA {
        const Float<V> d = load<V>(delta + at);
        return rectify ? keep<V>(load<V>(out + at) != Float<V>{}, d * scale) : d;
    };
    if constexpr (turns<W, T>) {
        for (int at = 0; at < width * T * W; at += V) store<V>(delta + at, passed(at));
        add_samples_and_products<T>(bias_gradient, weight_gradient, delta, normalised, width);
    }
    for (int i = 0; i < width; ++i) {
        const Float<V> gamma = repeat<V, W>(load<W>(weight + i * W));
        const Block<W, T> h = load_block<W, T>(normalised + i * T * W);
        Block<W, T> d;
        if constexpr (turns<W, T>) {
            d = load_block<W, T>(delta + i * T * W);
        } else {
            LANES_UNROLL
            for (int p = 0; p < parts; ++p) d.part[p] = passed(i * T * W + p * V);
            alignas(64) float kept[T * W];
            if constexpr (Block<W, T>::samples > 1) store_block<W, T>(kept, d);
            Float<W> gamma_gradient = load<W>(weight_gradient + i * W), beta_gradient = load<W>(bias_gradient + i * W);
            LANES_UNROLL
            for (int t = 0; t < T; ++t) {
                const Float<W> d_t = sample<W, T>(d, kept, t);
                gamma_gradient = multiply_add<W>(d_t, sample<W, T>(h, normalised + i * T * W, t), gamma_gradient);
                beta_gradient += d_t;
            }
            store<W>(weight_gradient + i * W, gamma_gradient);
            store<W>(bias_gradient + i * W, beta_gradient);
        }
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            d.part[p] *= gamma;
            sum[p] += d.part[p];
            product[p] = multiply_add<V>(d.part[p], h.part[p], product[p]);
        }
        store_block<W, T>(delta + i * T * W, d);
    }
    if (!wants_delta_in) return;
    const Float<V> share = broadcast<V>(1.0f / static_cast<float>(width));
    const Block<W, T> scale_back = load_block<W, T>(inverse);
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) {
        sum[p] *= share;
        product[p] *= -share;
    }
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            const int at = i * T * W + p * V;
            const Float<V> centred = load<V>(delta + at) - sum[p];
            store<V>(delta + at, multiply_add<V>(load<V>(normalised + at), product[p], centred) * scale_back.part[p]);
        }
    }
}

}  // namespace lanes::LANES_TARGET
