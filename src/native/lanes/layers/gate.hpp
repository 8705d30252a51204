// ReLU and Dropout where they do not follow a LayerNorm, Sigmoid, and the sum at the end of a residual block.
#pragma once

#include "../random.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T, bool rectify, bool drop>
LANES_INLINE void gate_forward(const float* in, float* out, int width, const Dropout<W>& dropout, int unit, int row) {
    constexpr int V = Block<W, T>::width;
    const Float<V> scale = repeat<V, W>(dropout.scale);
    for (int i = 0; i < width; ++i) {
        Mask<W, T> stay;
        if constexpr (drop) stays<W, T>(dropout, unit + i, row, stay);
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            Float<V> z = load<V>(in + i * T * W + p * V);
            if constexpr (rectify) z = keep<V>(~(z <= Float<V>{}), z);
            if constexpr (drop) z = keep<V>(stay.part[p], z * scale);
            store<V>(out + i * T * W + p * V, z);
        }
    }
}

// A rectified value passed exactly where the output is not 0. Without ReLU an output may be 0 by itself, so the same
// random numbers are drawn again.
template <int W, int T, bool rectify, bool drop>
LANES_INLINE void gate_backward(const float* out, float* delta, int width, const Dropout<W>& dropout, int unit,
                                int row) {
    constexpr int V = Block<W, T>::width;
    const Float<V> scale = repeat<V, W>(dropout.scale);
    for (int i = 0; i < width; ++i) {
        Mask<W, T> stay;
        if constexpr (drop && !rectify) stays<W, T>(dropout, unit + i, row, stay);
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            const int at = i * T * W + p * V;
            Float<V> d = load<V>(delta + at);
            if constexpr (drop) d *= scale;
            if constexpr (rectify) {
                d = keep<V>(load<V>(out + at) != Float<V>{}, d);
            } else if constexpr (drop) {
                d = keep<V>(stay.part[p], d);
            }
            store<V>(delta + at, d);
        }
    }
}

template <int W, int T>
LANES_INLINE void sigmoid_forward(const float* in, float* out, int width) {
    constexpr int V = Block<W, T>::width;
    for (int at = 0; at < width * T * W; at += V)
        store<V>(out + at, 1.0f / (1.0f + exponential<V>(-load<V>(in + at))));
}

template <int W, int T>
LANES_INLINE void sigmoid_backward(const float* out, float* delta, int width) {
    constexpr int V = Block<W, T>::width;
    for (int at = 0; at < width * T * W; at += V) {
        const Float<V> p = load<V>(out + at);
        store<V>(delta + at, load<V>(delta + at) * (p * (1.0f - p)));
    }
}

// to = a + b over `width` units.
template <int W, int T>
LANES_INLINE void add(const float* a, const float* b, float* to, int width) {
    constexpr int V = Block<W, T>::width;
    for (int at = 0; at < width * T * W; at += V) store<V>(to + at, load<V>(a + at) + load<V>(b + at));
}

}  // namespace lanes::LANES_TARGET
