// ReLU and Dropout where they do not follow a LayerNorm, Sigmoid, and the sum at the end of a residual block.
#pragma once

#include "../random.hpp"
#include "../vector.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T, bool rectify, bool drop>
LANES_INLINE void gate_forward(const float* in, float* out, int width, const Dropout<W>& dropout, int unit, int row) {
    for (int i = 0; i < width; ++i) {
        Int<W> stay[T];
        if constexpr (drop) stays<W, T>(dropout, unit + i, row, stay);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            Float<W> z = load<W>(in + (i * T + t) * W);
            if constexpr (rectify) z = keep<W>(~(z <= Float<W>{}), z);
            if constexpr (drop) z = keep<W>(stay[t], z * dropout.scale);
            store<W>(out + (i * T + t) * W, z);
        }
    }
}

// A rectified value passed exactly where the output is not 0. Without ReLU an output may be 0 by itself, so the same
// random numbers are drawn again.
template <int W, int T, bool rectify, bool drop>
LANES_INLINE void gate_backward(const float* out, float* delta, int width, const Dropout<W>& dropout, int unit,
                                int row) {
    for (int i = 0; i < width; ++i) {
        Int<W> stay[T];
        if constexpr (drop && !rectify) stays<W, T>(dropout, unit + i, row, stay);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const int at = (i * T + t) * W;
            Float<W> d = load<W>(delta + at);
            if constexpr (drop) d *= dropout.scale;
            if constexpr (rectify) {
                d = keep<W>(load<W>(out + at) != Float<W>{}, d);
            } else if constexpr (drop) {
                d = keep<W>(stay[t], d);
            }
            store<W>(delta + at, d);
        }
    }
}

template <int W, int T>
LANES_INLINE void sigmoid_forward(const float* in, float* out, int width) {
    for (int at = 0; at < width * T * W; at += W)
        store<W>(out + at, 1.0f / (1.0f + exponential<W>(-load<W>(in + at))));
}

template <int W, int T>
LANES_INLINE void sigmoid_backward(const float* out, float* delta, int width) {
    for (int at = 0; at < width * T * W; at += W) {
        const Float<W> p = load<W>(out + at);
        store<W>(delta + at, load<W>(delta + at) * (p * (1.0f - p)));
    }
}

// to = a + b over `count` numbers.
template <int W>
LANES_INLINE void add(const float* a, const float* b, float* to, int count) {
    for (int at = 0; at < count; at += W) store<W>(to + at, load<W>(a + at) + load<W>(b + at));
}

}  // namespace lanes::LANES_TARGET
