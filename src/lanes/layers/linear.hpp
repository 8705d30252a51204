// output_O = weight_OI input_I + bias_O for a tile of T samples. Sums run over inputs (forward), outputs (gradient of
// the input) and samples (gradient of the weights) in rising order, whatever the blocking: blocking changes no bit.
#pragma once

#include "../vector.hpp"

namespace lanes::LANES_TARGET {

// How many outputs are held in registers at once: 32 vector registers allow 4 x T sums, 16 allow 2 x T.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int output_block = 4;
#else
constexpr int output_block = 2;
#endif

template <int W, int T, int O>
LANES_INLINE void linear_forward_block(const float* weight, const float* bias, const float* in, float* out,
                                       int inputs) {
    Float<W> sum[O][T];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        LANES_UNROLL
        for (int t = 0; t < T; ++t) sum[o][t] = load<W>(bias + o * W);
    }
    for (int i = 0; i < inputs; ++i) {
        Float<W> x[T];
        LANES_UNROLL
        for (int t = 0; t < T; ++t) x[t] = load<W>(in + (i * T + t) * W);
        LANES_UNROLL
        for (int o = 0; o < O; ++o) {
            const Float<W> w = load<W>(weight + (static_cast<int64_t>(o) * inputs + i) * W);
            LANES_UNROLL
            for (int t = 0; t < T; ++t) sum[o][t] = multiply_add<W>(w, x[t], sum[o][t]);
        }
    }
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        LANES_UNROLL
        for (int t = 0; t < T; ++t) store<W>(out + (o * T + t) * W, sum[o][t]);
    }
}

template <int W, int T>
LANES_INLINE void linear_forward(const float* weight, const float* bias, const float* in, float* out, int inputs,
                                 int outputs) {
    int o = 0;
    for (; o + output_block <= outputs; o += output_block)
        linear_forward_block<W, T, output_block>(weight + static_cast<int64_t>(o) * inputs * W, bias + o * W, in,
                                                 out + o * T * W, inputs);
    for (; o < outputs; ++o)
        linear_forward_block<W, T, 1>(weight + static_cast<int64_t>(o) * inputs * W, bias + o * W, in,
                                      out + o * T * W, inputs);
}

// Adds the tile's share to the gradients of O rows of weights and biases, and to delta_in where it is wanted.
template <int W, int T, int O, bool wants_delta_in>
LANES_INLINE void linear_backward_block(const float* weight, float* weight_gradient, float* bias_gradient,
                                        const float* in, const float* delta_out, float* delta_in, int inputs,
                                        bool first) {
    Float<W> delta[O][T];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) {
        Float<W> sum = load<W>(bias_gradient + o * W);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            delta[o][t] = load<W>(delta_out + (o * T + t) * W);
            sum += delta[o][t];
        }
        store<W>(bias_gradient + o * W, sum);
    }
    for (int i = 0; i < inputs; ++i) {
        Float<W> x[T], dx[T];
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            x[t] = load<W>(in + (i * T + t) * W);
            if constexpr (wants_delta_in) dx[t] = first ? Float<W>{} : load<W>(delta_in + (i * T + t) * W);
        }
        LANES_UNROLL
        for (int o = 0; o < O; ++o) {
            const int64_t at = (static_cast<int64_t>(o) * inputs + i) * W;
            Float<W> gradient = load<W>(weight_gradient + at);
            LANES_UNROLL
            for (int t = 0; t < T; ++t) gradient = multiply_add<W>(delta[o][t], x[t], gradient);
            store<W>(weight_gradient + at, gradient);
            if constexpr (wants_delta_in) {
                const Float<W> w = load<W>(weight + at);
                LANES_UNROLL
                for (int t = 0; t < T; ++t) dx[t] = multiply_add<W>(w, delta[o][t], dx[t]);
            }
        }
        if constexpr (wants_delta_in) {
            LANES_UNROLL
            for (int t = 0; t < T; ++t) store<W>(delta_in + (i * T + t) * W, dx[t]);
        }
    }
}

template <int W, int T, bool wants_delta_in>
LANES_INLINE void linear_backward(const float* weight, float* weight_gradient, float* bias_gradient, const float* in,
                                  const float* delta_out, float* delta_in, int inputs, int outputs) {
    int o = 0;
    for (; o + output_block <= outputs; o += output_block) {
        const int64_t row = static_cast<int64_t>(o) * inputs * W;
        linear_backward_block<W, T, output_block, wants_delta_in>(weight + row, weight_gradient + row,
                                                                  bias_gradient + o * W, in, delta_out + o * T * W,
                                                                  delta_in, inputs, o == 0);
    }
    for (; o < outputs; ++o) {
        const int64_t row = static_cast<int64_t>(o) * inputs * W;
        linear_backward_block<W, T, 1, wants_delta_in>(weight + row, weight_gradient + row, bias_gradient + o * W, in,
                                                       delta_out + o * T * W, delta_in, inputs, o == 0);
    }
}

}  // namespace lanes::LANES_TARGET
