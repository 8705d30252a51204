// Addresses inside a pack, by what lies there instead of by arithmetic.
#pragma once

#include "block.hpp"

namespace lanes::LANES_TARGET {

// Numbers of which every lane has its own: biases, gains and their gradients.
template <int W>
struct LaneArray {
    float* first;

    LANES_MEMBER float* at(int64_t index) const { return first + index * W; }
    LANES_MEMBER LaneArray from(int64_t index) const { return {at(index)}; }
    LANES_MEMBER Float<W> get(int64_t index) const { return load<W>(at(index)); }
    LANES_MEMBER void set(int64_t index, Float<W> value) const { store<W>(at(index), value); }
};

// The weights of a linear layer or their gradients: one row per output, one column per input.
template <int W>
struct LaneMatrix {
    float* first;
    int inputs;

    LANES_MEMBER float* at(int output, int input) const {
        return first + (static_cast<int64_t>(output) * inputs + input) * W;
    }
    LANES_MEMBER LaneMatrix from(int output) const { return {at(output, 0), inputs}; }
    LANES_MEMBER Float<W> get(int output, int input) const { return load<W>(at(output, input)); }
    LANES_MEMBER void set(int output, int input, Float<W> value) const { store<W>(at(output, input), value); }
};

// Values of a tile, or their gradients: unit after unit, each T samples of W lanes.
template <int W, int T>
struct Units {
    static constexpr int V = Block<W, T>::width;
    float* first;

    LANES_MEMBER float* at(int unit) const { return first + unit * T * W; }
    LANES_MEMBER float* at(int unit, int sample) const { return first + (unit * T + sample) * W; }
    LANES_MEMBER Units from(int unit) const { return {at(unit)}; }
    // One register of a unit.
    LANES_MEMBER Float<V> get(int unit, int part) const { return load<V>(at(unit) + part * V); }
    LANES_MEMBER void set(int unit, int part, Float<V> value) const { store<V>(at(unit) + part * V, value); }
    LANES_MEMBER Block<W, T> block(int unit) const { return load_block<W, T>(at(unit)); }
    LANES_MEMBER void set_block(int unit, const Block<W, T>& block) const { store_block<W, T>(at(unit), block); }
};

// An operation with the pack that it works on.
template <int W, int T>
struct OpView {
    const Op& op;
    const Pack& pack;

    LANES_MEMBER LaneArray<W> gain() const { return parameter(pack.parameters, op.weight); }
    LANES_MEMBER LaneArray<W> gain_gradient() const { return parameter(pack.gradients, op.weight); }
    LANES_MEMBER LaneArray<W> bias() const { return parameter(pack.parameters, op.bias); }
    LANES_MEMBER LaneArray<W> bias_gradient() const { return parameter(pack.gradients, op.bias); }
    LANES_MEMBER LaneMatrix<W> weight() const { return {gain().first, op.inputs}; }
    LANES_MEMBER LaneMatrix<W> weight_gradient() const { return {gain_gradient().first, op.inputs}; }

    LANES_MEMBER Units<W, T> in() const { return value(op.in); }
    LANES_MEMBER Units<W, T> out() const { return value(op.out); }
    LANES_MEMBER Units<W, T> normalised() const { return value(op.normalised); }
    LANES_MEMBER Units<W, T> inverse() const { return value(op.inverse); }
    LANES_MEMBER Units<W, T> partner() const { return value(op.partner); }
    LANES_MEMBER Units<W, T> delta_out() const { return delta(op.delta_out); }
    LANES_MEMBER Units<W, T> delta_in() const { return delta(op.delta_in); }
    LANES_MEMBER Units<W, T> kept() const { return delta(op.kept); }

private:
    LANES_MEMBER LaneArray<W> parameter(float* array, int index) const { return LaneArray<W>{array}.from(index); }
    LANES_MEMBER Units<W, T> value(int unit) const { return Units<W, T>{pack.values}.from(unit); }
    LANES_MEMBER Units<W, T> delta(int unit) const { return Units<W, T>{pack.deltas}.from(unit); }
};

}  // namespace lanes::LANES_TARGET
