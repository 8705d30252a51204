// One tile of T samples through the whole network, forward and back, by walking the flat list of operations.
#pragma once

#include "job.hpp"
#include "layers/gate.hpp"
#include "layers/linear.hpp"
#include "layers/norm.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T, bool drop>
LANES_INLINE void norm_forward_op(const Op& op, const Pack& pack, const Dropout<W>& dropout, int row) {
    const auto value = [&](int unit) { return pack.values + unit * T * W; };
    const float* weight = pack.parameters + op.weight * W;
    const float* bias = pack.parameters + op.bias * W;
    if (op.rectify)
        norm_forward<W, T, true, drop>(weight, bias, value(op.in), value(op.normalised), value(op.inverse),
                                       value(op.out), op.inputs, op.epsilon, dropout, op.dropout, row);
    else
        norm_forward<W, T, false, false>(weight, bias, value(op.in), value(op.normalised), value(op.inverse),
                                         value(op.out), op.inputs, op.epsilon, dropout, op.dropout, row);
}

template <int W, int T, bool drop>
LANES_INLINE void gate_forward_op(const Op& op, const Pack& pack, const Dropout<W>& dropout, int row) {
    const float* in = pack.values + op.in * T * W;
    float* out = pack.values + op.out * T * W;
    if (op.rectify)
        gate_forward<W, T, true, drop>(in, out, op.inputs, dropout, op.dropout, row);
    else
        gate_forward<W, T, false, drop>(in, out, op.inputs, dropout, op.dropout, row);
}

// Reads the inputs at values[0]; leaves the prediction at values[program.prediction].
template <int W, int T>
void forward(const Program& program, const Pack& pack, const Dropout<W>& dropout, int row) {
    for (int index = 0; index < program.op_count; ++index) {
        const Op& op = program.ops[index];
        const bool drop = op.dropout >= 0 && dropout.any;
        const float* in = pack.values + op.in * T * W;
        float* out = pack.values + op.out * T * W;
        switch (op.kind) {
            case Kind::linear:
                linear_forward<W, T>(pack.parameters + static_cast<int64_t>(op.weight) * W,
                                     pack.parameters + static_cast<int64_t>(op.bias) * W, in, out, op.inputs,
                                     op.outputs);
                break;
            case Kind::norm:
                if (drop) norm_forward_op<W, T, true>(op, pack, dropout, row);
                else norm_forward_op<W, T, false>(op, pack, dropout, row);
                break;
            case Kind::gate:
                if (drop) gate_forward_op<W, T, true>(op, pack, dropout, row);
                else gate_forward_op<W, T, false>(op, pack, dropout, row);
                break;
            case Kind::sigmoid: sigmoid_forward<W, T>(in, out, op.inputs); break;
            case Kind::fork: break;  // the skip reads the same values
            case Kind::join: add<W, T>(in, pack.values + op.partner * T * W, out, op.inputs); break;
        }
    }
}

template <int W, int T, bool drop>
LANES_INLINE void gate_backward_op(const Op& op, const Pack& pack, const Dropout<W>& dropout, int row) {
    const float* out = pack.values + op.out * T * W;
    float* delta = pack.deltas + op.delta_out * T * W;
    if (op.rectify)
        gate_backward<W, T, true, drop>(out, delta, op.inputs, dropout, op.dropout, row);
    else
        gate_backward<W, T, false, drop>(out, delta, op.inputs, dropout, op.dropout, row);
}

template <int W, int T>
LANES_INLINE void norm_backward_op(const Op& op, const Pack& pack, Float<W> scale) {
    const auto value = [&](int unit) { return pack.values + unit * T * W; };
    const float* weight = pack.parameters + op.weight * W;
    float* weight_gradient = pack.gradients + op.weight * W;
    float* bias_gradient = pack.gradients + op.bias * W;
    float* delta = pack.deltas + op.delta_out * T * W;
    if (op.rectify)
        norm_backward<W, T, true>(weight, weight_gradient, bias_gradient, value(op.normalised), value(op.inverse),
                                  value(op.out), delta, op.inputs, scale, op.wants_delta_in);
    else
        norm_backward<W, T, false>(weight, weight_gradient, bias_gradient, value(op.normalised), value(op.inverse),
                                   value(op.out), delta, op.inputs, scale, op.wants_delta_in);
}

template <int W, int T>
LANES_INLINE void linear_backward_op(const Op& op, const Pack& pack) {
    const float* weight = pack.parameters + static_cast<int64_t>(op.weight) * W;
    float* weight_gradient = pack.gradients + static_cast<int64_t>(op.weight) * W;
    float* bias_gradient = pack.gradients + static_cast<int64_t>(op.bias) * W;
    const float* in = pack.values + op.in * T * W;
    const float* delta_out = pack.deltas + op.delta_out * T * W;
    float* delta_in = pack.deltas + op.delta_in * T * W;
    if (op.wants_delta_in)
        linear_backward<W, T, true>(weight, weight_gradient, bias_gradient, in, delta_out, delta_in, op.inputs,
                                    op.outputs);
    else
        linear_backward<W, T, false>(weight, weight_gradient, bias_gradient, in, delta_out, delta_in, op.inputs,
                                     op.outputs);
}

// Reads the gradient of the prediction at deltas[last op.delta_out]; adds the tile's share to pack.gradients.
template <int W, int T>
void backward(const Program& program, const Pack& pack, const Dropout<W>& dropout, int row) {
    for (int index = program.op_count - 1; index >= 0; --index) {
        const Op& op = program.ops[index];
        const bool drop = op.dropout >= 0 && dropout.any;
        float* delta = pack.deltas + op.delta_out * T * W;
        float* kept = pack.deltas + op.kept * T * W;
        switch (op.kind) {
            case Kind::linear: linear_backward_op<W, T>(op, pack); break;
            case Kind::norm: norm_backward_op<W, T>(op, pack, drop ? dropout.scale : broadcast<W>(1.0f)); break;
            case Kind::gate:
                if (drop) gate_backward_op<W, T, true>(op, pack, dropout, row);
                else gate_backward_op<W, T, false>(op, pack, dropout, row);
                break;
            case Kind::sigmoid: sigmoid_backward<W, T>(pack.values + op.out * T * W, delta, op.inputs); break;
            case Kind::join: __builtin_memcpy(kept, delta, static_cast<size_t>(op.inputs * T * W) * sizeof(float)); break;
            case Kind::fork: add<W, T>(delta, kept, delta, op.inputs); break;
        }
    }
}

}  // namespace lanes::LANES_TARGET
