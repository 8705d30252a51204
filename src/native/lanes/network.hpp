// One tile of T samples through the whole network, forward and back, by walking the flat list of operations.
#pragma once

#include "job.hpp"
#include "layers/gate.hpp"
#include "layers/linear.hpp"
#include "layers/norm.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T, bool drop>
LANES_INLINE void gated_forward(const OpView<W, T>& view, const TileDropout<W>& dropout) {
    if (view.op.kind == Kind::norm) {
        if (view.op.rectify) norm_forward<W, T, true, drop>(view, dropout);
        else norm_forward<W, T, false, false>(view, dropout);
    } else {
        if (view.op.rectify) gate_forward<W, T, true, drop>(view, dropout);
        else gate_forward<W, T, false, drop>(view, dropout);
    }
}

// Reads the inputs at values[0]; leaves the prediction at values[program.prediction].
template <int W, int T>
void forward(const Program& program, const Pack& pack, const TileDropout<W>& dropout) {
    for (int index = 0; index < program.op_count; ++index) {
        const OpView<W, T> view{program.ops[index], pack};
        switch (view.op.kind) {
            case Kind::linear: linear_forward<W, T>(view); break;
            case Kind::norm:
            case Kind::gate:
                if (view.op.dropout >= 0 && dropout.step.any) gated_forward<W, T, true>(view, dropout);
                else gated_forward<W, T, false>(view, dropout);
                break;
            case Kind::sigmoid: sigmoid_forward<W, T>(view); break;
            case Kind::fork:
            case Kind::detour: break;  // they change only where the next operation reads
            case Kind::join: add<W, T>(view.in(), view.partner(), view.out(), view.op.inputs); break;
        }
    }
}

template <int W, int T>
LANES_INLINE void gate_backward_op(const OpView<W, T>& view, const TileDropout<W>& dropout) {
    const bool drop = view.op.dropout >= 0 && dropout.step.any;
    if (view.op.rectify) {
        if (drop) gate_backward<W, T, true, true>(view, dropout);
        else gate_backward<W, T, true, false>(view, dropout);
    } else if (drop) {
        gate_backward<W, T, false, true>(view, dropout);
    }
}

template <int W, int T>
LANES_INLINE void norm_backward_op(const OpView<W, T>& view, const TileDropout<W>& dropout) {
    const bool drop = view.op.dropout >= 0 && dropout.step.any;
    const Float<W> scale = drop ? dropout.step.scale : broadcast<W>(1.0f);
    if (view.op.rectify) norm_backward<W, T, true>(view, scale);
    else norm_backward<W, T, false>(view, scale);
}

template <int W, int T>
LANES_INLINE void linear_backward_op(const OpView<W, T>& view) {
    if (view.op.wants_delta_in) linear_backward<W, T, true>(view);
    else linear_backward<W, T, false>(view);
}

// Reads the gradient of the prediction at deltas[last op.delta_out]; adds the tile's share to pack.gradients.
template <int W, int T>
void backward(const Program& program, const Pack& pack, const TileDropout<W>& dropout) {
    for (int index = program.op_count - 1; index >= 0; --index) {
        const OpView<W, T> view{program.ops[index], pack};
        const Units<W, T> delta = view.delta_out(), kept = view.kept();
        const int width = view.op.outputs;
        switch (view.op.kind) {
            case Kind::linear: linear_backward_op<W, T>(view); break;
            case Kind::norm: norm_backward_op<W, T>(view, dropout); break;
            case Kind::gate: gate_backward_op<W, T>(view, dropout); break;
            case Kind::sigmoid: sigmoid_backward<W, T>(view); break;
            case Kind::join:
            case Kind::detour:
                if (view.op.wants_delta_in)
                    __builtin_memcpy(kept.first, delta.first, static_cast<size_t>(width * T * W) * sizeof(float));
                break;
            case Kind::fork:
                if (view.op.wants_delta_in) add<W, T>(delta, kept, delta, width);
                break;
        }
    }
}

}  // namespace lanes::LANES_TARGET
