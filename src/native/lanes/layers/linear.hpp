// output_O = weight_OI input_I + bias_O for a tile of T samples. Sums run over inputs (forward), outputs (gradient of
// the input) and samples (gradient of the weights) in rising order, whatever the blocking: blocking changes no bit.
#pragma once

#include "../views.hpp"
#include "sample_sums.hpp"

namespace lanes::LANES_TARGET {

// How many outputs are held in registers at once: 32 vector registers allow 16 sums, 16 allow 8.
template <int W, int T>
LANES_INLINE constexpr int output_block() {
#if defined(__AVX512F__) || defined(__aarch64__)
    constexpr int sums = 16;
#else
    constexpr int sums = 8;
#endif
    constexpr int most = sums / Block<W, T>::parts;
    return most < 8 ? most : 8;
}

// Calls block(size, output) for blocks of consecutive outputs; `size` carries their number in its type.
template <int W, int T, typename Each>
LANES_INLINE void for_each_output_block(int outputs, const Each& block) {
    constexpr int O = output_block<W, T>();
    int o = 0;
    for (; o + O <= outputs; o += O) block(Size<O>{}, o);
    for (; o < outputs; ++o) block(Size<1>{}, o);
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
        const Block<W, T> x = in.block(i);
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
    for_each_output_block<W, T>(view.op.outputs, [&](auto size, int first) LANES_LAMBDA {
        linear_forward_block<W, T, decltype(size)::value>(view, first);
    });
}

// Adds the tile's share to the gradients of O rows of weights and biases, and to delta_in where it is wanted.
template <int W, int T, int O, bool wants_delta_in>
LANES_INLINE void linear_backward_block(const OpView<W, T>& view, int first) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const LaneMatrix<W> weight = view.weight().from(first), weight_gradient = view.weight_gradient().from(first);
    const LaneArray<W> bias_gradient = view.bias_gradient().from(first);
    const Units<W, T> in = view.in(), delta_out = view.delta_out().from(first), delta_in = view.delta_in();
    Block<W, T> delta[O];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        delta[o] = delta_out.block(o);
        if constexpr (transposes<W>) continue;
        Float<W> sum = bias_gradient.get(o);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) sum += sample<W, T>(delta[o], delta_out.at(o), t);
        bias_gradient.set(o, sum);
    }
    for (int i = 0; i < weight.inputs; ++i) {
        const Block<W, T> x = in.block(i);
        Block<W, T> dx;
        LANES_UNROLL
        for (int p = 0; p < parts; ++p)
            if constexpr (wants_delta_in) dx.part[p] = first == 0 ? Float<V>{} : delta_in.get(i, p);
        LANES_UNROLL
        for (int o = 0; o < O; ++o) {
            if constexpr (!transposes<W>) {
                Float<W> gradient = weight_gradient.get(o, i);
                LANES_UNROLL
                for (int t = 0; t < T; ++t)
                    gradient = multiply_add<W>(sample<W, T>(delta[o], delta_out.at(o), t),
                                               sample<W, T>(x, in.at(i), t), gradient);
                weight_gradient.set(o, i, gradient);
            }
            if constexpr (wants_delta_in) {
                const Float<V> w = repeat<V, W>(weight.get(o, i));
                LANES_UNROLL
                for (int p = 0; p < parts; ++p) dx.part[p] = multiply_add<V>(w, delta[o].part[p], dx.part[p]);
            }
        }
        if constexpr (wants_delta_in) delta_in.set_block(i, dx);
    }
}

template <int W, int T, bool wants_delta_in>
LANES_INLINE void linear_backward(const OpView<W, T>& view) {
    if constexpr (transposes<W>) {
        add_samples<T>(view.bias_gradient().first, view.delta_out(), view.op.outputs);
        add_outer<T>(view.weight_gradient(), view.delta_out(), view.in(), view.op.outputs);
        if (!wants_delta_in) return;
    }
    for_each_output_block<W, T>(view.op.outputs, [&](auto size, int first) LANES_LAMBDA {
        linear_backward_block<W, T, decltype(size)::value, wants_delta_in>(view, first);
    });
}

}  // namespace lanes::LANES_TARGET
