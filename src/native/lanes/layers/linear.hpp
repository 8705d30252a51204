// output_O = weight_OI input_I + bias_O for a tile of T samples. Sums run over inputs (forward), outputs (gradient of
// the input) and samples (gradient of the weights) in rising order, whatever the blocking: blocking changes no bit.
#pragma once

#include "../views.hpp"
#include "sample_sums.hpp"

namespace lanes::LANES_TARGET {

// How many outputs, or inputs, have their sums in registers at once: 32 vector registers allow 16 sums, 16 allow 8.
template <int W, int T>
LANES_INLINE constexpr int units_at_once() {
#if defined(__AVX512F__) || defined(__aarch64__)
    constexpr int sums = 16;
#else
    constexpr int sums = 8;
#endif
    constexpr int most = sums / Block<W, T>::parts;
    return most < 8 ? most : 8;
}

// Calls block(size, first) for blocks of consecutive units; `size` carries their number in its type.
template <int W, int T, typename Each>
LANES_INLINE void for_each_block(int units, const Each& block) {
    constexpr int U = units_at_once<W, T>();
    int first = 0;
    for (; first + U <= units; first += U) block(Size<U>{}, first);
    for (; first < units; ++first) block(Size<1>{}, first);
}

template <int W, int T, int O>
LANES_INLINE void linear_forward_block(const OpView<W, T>& view, int first) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const LaneMatrix<W> weight = view.weight().from(first);
    const LaneArray<W> bias = view.bias().from(first);
    const Units<W, T> in = view.in(), out = view.out().from(first);
    Float<V> sum[O][parts];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) sum[o][p] = repeat<V, W>(bias.get(o));
    }
    for (int i = 0; i < weight.inputs; ++i) {
        const Block<W, T> x = in_register<W, T>(in.block(i));
        LANES_UNROLL
        for (int o = 0; o < O; ++o) {
            const Float<V> w = repeat<V, W>(weight.get(o, i));
            LANES_UNROLL
            for (int p = 0; p < parts; ++p) sum[o][p] = multiply_add<V>(w, x.part[p], sum[o][p]);
        }
    }
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) out.set(o, p, sum[o][p]);
    }
}

template <int W, int T>
LANES_INLINE void linear_forward(const OpView<W, T>& view) {
    for_each_block<W, T>(view.op.outputs, [&](auto size, int first) LANES_LAMBDA {
        linear_forward_block<W, T, decltype(size)::value>(view, first);
    });
}

// Adds the tile's share to the gradients of O rows of weights and biases.
template <int W, int T, int O>
LANES_INLINE void linear_gradient_block(const OpView<W, T>& view, int first) {
    const LaneMatrix<W> weight_gradient = view.weight_gradient().from(first);
    const LaneArray<W> bias_gradient = view.bias_gradient().from(first);
    const Units<W, T> in = view.in(), delta_out = view.delta_out().from(first);
    Block<W, T> delta[O];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        delta[o] = delta_out.block(o);
        Float<W> sum = bias_gradient.get(o);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) sum += sample<W, T>(delta[o], delta_out.at(o), t);
        bias_gradient.set(o, sum);
    }
    for (int i = 0; i < weight_gradient.inputs; ++i) {
        const Block<W, T> x = in.block(i);
        Float<W> gradient[O];
        LANES_UNROLL
        for (int o = 0; o < O; ++o) gradient[o] = weight_gradient.get(o, i);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const Float<W> x_t = in_register<W>(sample<W, T>(x, in.at(i), t));
            LANES_UNROLL
            for (int o = 0; o < O; ++o)
                gradient[o] = multiply_add<W>(sample<W, T>(delta[o], delta_out.at(o), t), x_t, gradient[o]);
        }
        LANES_UNROLL
        for (int o = 0; o < O; ++o) weight_gradient.set(o, i, gradient[o]);
    }
}

// The share of outputs [from, to) in the gradient of I inputs, which holds that of the outputs before them.
template <int W, int T, int I>
LANES_INLINE void linear_delta_block(const OpView<W, T>& view, int first, int from, int to) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const LaneMatrix<W> weight = view.weight();
    const Units<W, T> delta_out = view.delta_out(), delta_in = view.delta_in().from(first);
    Block<W, T> sum[I] = {};
    if (from > 0) {
        LANES_UNROLL
        for (int i = 0; i < I; ++i) sum[i] = delta_in.block(i);
    }
    for (int o = from; o < to; ++o) {
        const Block<W, T> delta = in_register<W, T>(delta_out.block(o));
        LANES_UNROLL
        for (int i = 0; i < I; ++i) {
            const Float<V> w = repeat<V, W>(weight.get(o, first + i));
            LANES_UNROLL
            for (int p = 0; p < parts; ++p) sum[i].part[p] = multiply_add<V>(w, delta.part[p], sum[i].part[p]);
        }
    }
    LANES_UNROLL
    for (int i = 0; i < I; ++i) delta_in.set_block(i, sum[i]);
}

// Outputs whose rows of weights are read side by side: few enough streams through memory, and the sums stay in registers for
// as many products.
constexpr int delta_outputs = 8;

template <int W, int T, bool wants_delta_in>
LANES_INLINE void linear_backward(const OpView<W, T>& view) {
    const int inputs = view.op.inputs, outputs = view.op.outputs;
    if constexpr (transposes<W>) {
        add_samples<T>(view.bias_gradient().first, view.delta_out(), outputs);
        add_outer<T>(view.weight_gradient(), view.delta_out(), view.in(), outputs);
    } else {
        for_each_block<W, T>(outputs, [&](auto size, int first) LANES_LAMBDA {
            linear_gradient_block<W, T, decltype(size)::value>(view, first);
        });
    }
    if constexpr (wants_delta_in) {
        for (int from = 0; from < outputs; from += delta_outputs) {
            const int to = from + delta_outputs < outputs ? from + delta_outputs : outputs;
            for_each_block<W, T>(inputs, [&](auto size, int first) LANES_LAMBDA {
                linear_delta_block<W, T, decltype(size)::value>(view, first, from, to);
            });
        }
    }
}

}  // namespace lanes::LANES_TARGET
