// ReLU and Dropout where they do not follow a LayerNorm, Sigmoid, and the sum at the end of a residual block.
#pragma once

#include "../random.hpp"
#include "../views.hpp"

namespace lanes::LANES_TARGET {

// Calls each(unit, part) for every register of the first `width` units.
template <int W, int T, typename Each>
LANES_INLINE void for_each_register(int width, const Each& each) {
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) each(i, p);
    }
}

template <int W, int T, bool rectify, bool drop>
LANES_INLINE void gate_forward(const OpView<W, T>& view, const TileDropout<W>& dropout) {
    constexpr int V = Block<W, T>::width;
    const Units<W, T> in = view.in(), out = view.out();
    const Float<V> scale = repeat<V, W>(dropout.step.scale);
    DropMasks<W, T, 0, Block<W, T>::parts> masks(dropout, view.op.dropout);
    for (int i = 0; i < view.op.inputs; ++i) {
        alignas(64) float drops[T * W];
        if constexpr (drop) masks.next(drops);
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            Float<V> z = in.get(i, p);
            if constexpr (rectify) z = rectified<V>(z);
            if constexpr (drop) z = keep<V>(~(Int<V>)load<V>(drops + p * V), z * scale);
            out.set(i, p, z);
        }
    }
}

// A rectified value passed exactly where the output is not 0. Without ReLU an output may be 0 by itself, so the same
// random numbers are drawn again.
template <int W, int T, bool rectify, bool drop>
LANES_INLINE void gate_backward(const OpView<W, T>& view, const TileDropout<W>& dropout) {
    constexpr int V = Block<W, T>::width;
    const Units<W, T> out = view.out(), delta = view.delta_out();
    const Float<V> scale = repeat<V, W>(dropout.step.scale);
    DropMasks<W, T, 0, Block<W, T>::parts> masks(dropout, view.op.dropout);
    for (int i = 0; i < view.op.inputs; ++i) {
        alignas(64) float drops[T * W];
        if constexpr (drop && !rectify) masks.next(drops);
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            Float<V> d = delta.get(i, p);
            if constexpr (drop) d *= scale;
            if constexpr (rectify) {
                d = keep<V>(out.get(i, p) != Float<V>{}, d);
            } else if constexpr (drop) {
                d = keep<V>(~(Int<V>)load<V>(drops + p * V), d);
            }
            delta.set(i, p, d);
        }
    }
}

template <int W, int T>
LANES_INLINE void sigmoid_forward(const OpView<W, T>& view) {
    constexpr int V = Block<W, T>::width;
    const Units<W, T> in = view.in(), out = view.out();
    for_each_register<W, T>(view.op.inputs, [&](int i, int p) LANES_LAMBDA {
        out.set(i, p, 1.0f / (1.0f + exponential<V>(-in.get(i, p))));
    });
}

template <int W, int T>
LANES_INLINE void sigmoid_backward(const OpView<W, T>& view) {
    constexpr int V = Block<W, T>::width;
    const Units<W, T> out = view.out(), delta = view.delta_out();
    for_each_register<W, T>(view.op.inputs, [&](int i, int p) LANES_LAMBDA {
        const Float<V> probability = out.get(i, p);
        delta.set(i, p, delta.get(i, p) * (probability * (1.0f - probability)));
    });
}

// to = a + b over `width` units.
template <int W, int T>
LANES_INLINE void add(Units<W, T> a, Units<W, T> b, Units<W, T> to, int width) {
    for_each_register<W, T>(width, [&](int i, int p) LANES_LAMBDA { to.set(i, p, a.get(i, p) + b.get(i, p)); });
}

}  // namespace lanes::LANES_TARGET
