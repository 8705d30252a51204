// output_O = weight_OI input_I + bias_O for a tile of T samples. Sums run over inputs (forward), outputs (gradient of
// the input) and samples (gradient of the weights) in rising order, whatever the blocking: blocking changes no bit.
#pragma once

#include "turn.hpp"

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

template <int W, int T, int O>
LANES_INLINE void linear_forward_block(const float* weight, const float* bias, const float* in, float* out,
                                       int inputs) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    Float<V> sum[O][parts];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) sum[o][p] = repeat<V, W>(load<W>(bias + o * W));
    }
    for (int i = 0; i < inputs; ++i) {
        const Block<W, T> x = load_block<W, T>(in + i * T * W);
        LANES_UNROLL
        for (int o = 0; o < O; ++o) {
            const Float<V> w = repeat<V, W>(load<W>(weight + (static_cast<int64_t>(o) * inputs + i) * W));
            LANES_UNROLL
            for (int p = 0; p < parts; ++p) sum[o][p] = multiply_add<V>(w, x.part[p], sum[o][p]);
        }
    }
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) store<V>(out + o * T * W + p * V, sum[o][p]);
    }
}

template <int W, int T>
LANES_INLINE void linear_forward(const float* weight, const float* bias, const float* in, float* out, int inputs,
                                 int outputs) {
    constexpr int O = output_block<W, T>();
    int o = 0;
    for (; o + O <= outputs; o += O)
        linear_forward_block<W, T, O>(weight + static_cast<int64_t>(o) * inputs * W, bias + o * W, in, out + o * T * W,
                                      inputs);
    for (; o < outputs; ++o)
        linear_forward_block<W, T, 1>(weight + static_cast<int64_t>(o) * inputs * W, bias + o * W, in,
                                      out + o * T * W, inputs);
}

// Adds the tile's share to the gradients of O rows of weights and biases, and to delta_in where it is wanted.
template <int W, int T, int O, bool wants_delta_in>
LANES_INLINE void linear_backward_block(const float* weight, float* weight_gradient, float* bias_gradient,
                                        const float* in, const float* delta_out, float* delta_in, int inputs,
                                        bool first) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    Block<W, T> delta[O];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        delta[o] = load_block<W, T>(delta_out + o * T * W);
        if constexpr (turns<W, T>) continue;
        Float<W> sum = load<W>(bias_gradient + o * W);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) sum += sample<W, T>(delta[o], delta_out + o * T * W, t);
        store<W>(bias_gradient + o * W, sum);
    }
    for (int i = 0; i < inputs; ++i) {
        const Block<W, T> x = load_block<W, T>(in + i * T * W);
        Block<W, T> dx;
        LANES_UNROLL
        for (int p = 0; p < parts; ++p)
            if constexpr (wants_delta_in) dx.part[p] = first ? Float<V>{} : load<V>(delta_in + i * T * W + p * V);
        LANES_UNROLL
        for (int o = 0; o < O; ++o) {
            const int64_t at = (static_cast<int64_t>(o) * inputs + i) * W;
            if constexpr (!turns<W, T>) {
                Float<W> gradient = load<W>(weight_gradient + at);
                LANES_UNROLL
                for (int t = 0; t < T; ++t)
                    gradient = multiply_add<W>(sample<W, T>(delta[o], delta_out + o * T * W, t),
                                               sample<W, T>(x, in + i * T * W, t), gradient);
                store<W>(weight_gradient + at, gradient);
            }
            if constexpr (wants_delta_in) {
                const Float<V> w = repeat<V, W>(load<W>(weight + at));
                LANES_UNROLL
                for (int p = 0; p < parts; ++p) dx.part[p] = multiply_add<V>(w, delta[o].part[p], dx.part[p]);
            }
        }
        if constexpr (wants_delta_in) store_block<W, T>(delta_in + i * T * W, dx);
    }
}

template <int W, int T, bool wants_delta_in>
LANES_INLINE void linear_backward(const float* weight, float* weight_gradient, float* bias_gradient, const float* in,
                                  const float* delta_out, float* delta_in, int inputs, int outputs) {
    if constexpr (turns<W, T>) {
        add_samples<T>(bias_gradient, delta_out, outputs);
        add_outer<T>(weight_gradient, delta_out, in, inputs, outputs);
        if (!wants_delta_in) return;
    }
    constexpr int O = output_block<W, T>();
    int o = 0;
    for (; o + O <= outputs; o += O) {
        const int64_t row = static_cast<int64_t>(o) * inputs * W;
        linear_backward_block<W, T, O, wants_delta_in>(weight + row, weight_gradient + row, bias_gradient + o * W, in,
                                                       delta_out + o * T * W, delta_in, inputs, o == 0);
    }
    for (; o < outputs; ++o) {
        const int64_t row = static_cast<int64_t>(o) * inputs * W;
        linear_backward_block<W, T, 1, wants_delta_in>(weight + row, weight_gradient + row, bias_gradient + o * W, in,
                                                       delta_out + o * T * W, delta_in, inputs, o == 0);
    }
}

}  // namespace lanes::LANES_TARGET
