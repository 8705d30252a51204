// Loss and gradient at the output for a tile of T samples. Derivations: docs/math/losses.md.
#pragma once

#include "rows.hpp"

namespace lanes::LANES_TARGET {

template <int W>
struct LossAt {
    Float<W> loss;
    Float<W> slope;  // derivative by the prediction
};

template <int W>
LANES_INLINE LossAt<W> huber(Float<W> error, float delta) {
    // clamp(e) is the slope, and e clamp(e) - clamp(e)^2 / 2 is both branches of the loss at once.
    Float<W> slope = error > delta ? broadcast<W>(delta) : error;
    slope = slope < -delta ? broadcast<W>(-delta) : slope;
    return {slope * (error - 0.5f * slope), slope};
}

template <int W>
LANES_INLINE LossAt<W> mean_square(Float<W> error) {
    return {error * error, 2.0f * error};
}

template <int W>
LANES_INLINE LossAt<W> pinball(Float<W> error, float quantile) {
    // u = target - prediction = -error: the loss q u or (q - 1) u is the slope times the error in both branches.
    const Float<W> slope = error <= 0.0f ? broadcast<W>(-quantile) : broadcast<W>(1.0f - quantile);
    return {slope * error, slope};
}

template <int W>
LANES_INLINE LossAt<W> loss_at(const Objective& objective, Float<W> error, int output) {
    switch (objective.loss) {
        case Loss::huber: return huber<W>(error, objective.delta);
        case Loss::mse: return mean_square<W>(error);
        default: return pinball<W>(error, objective.quantiles[output]);
    }
}

// Adds each sample's weight times the sum of its losses over the outputs to `loss_sum`, sample by sample; writes
// delta = slope * weight_T * share.
template <int W, int T>
LANES_INLINE void objective_backward(const Job& job, const Pack& pack, const Tile<W, T>& tile, Float<W> share,
                                     Float<W>& loss_sum) {
    constexpr int V = Block<W, T>::width;
    const OpView<W, T> last{job.program.ops[job.program.op_count - 1], pack};
    const Units<W, T> prediction = last.out(), delta = last.delta_out();
    Block<W, T> loss = {};
    for (int k = 0; k < job.program.outputs; ++k) {
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p) {
            const LossAt<V> here = loss_at<V>(job.objective, prediction.get(k, p) - tile.target.part[p], k);
            delta.set(k, p, here.slope * (tile.weight.part[p] * repeat<V, W>(share)));
            loss.part[p] += here.loss;
        }
    }
    alignas(64) float loss_memory[T * W], weight_memory[T * W];
    store_block<W, T>(loss_memory, loss);
    store_block<W, T>(weight_memory, tile.weight);
    LANES_UNROLL
    for (int t = 0; t < T; ++t)
        loss_sum = multiply_add<W>(sample<W, T>(tile.weight, weight_memory, t), sample<W, T>(loss, loss_memory, t),
                                   loss_sum);
}

// Running sums in float64, one value per lane.
struct LossSums {
    double* loss;
    double* weight;
};

// Adds the weighted losses, summed over the outputs, and the weights of a tile's first `count` samples.
template <int W, int T>
LANES_INLINE void objective_sums(const Job& job, const Pack& pack, const Tile<W, T>& tile, int count, LossSums sums) {
    const Units<W, T> prediction = Units<W, T>{pack.values}.from(job.program.prediction);
    Block<W, T> loss = {};
    for (int k = 0; k < job.program.outputs; ++k) {
        LANES_UNROLL
        for (int p = 0; p < Block<W, T>::parts; ++p)
            loss.part[p] +=
                loss_at<Block<W, T>::width>(job.objective, prediction.get(k, p) - tile.target.part[p], k).loss;
    }
    LANES_UNROLL
    for (int p = 0; p < Block<W, T>::parts; ++p) loss.part[p] *= tile.weight.part[p];
    alignas(64) float loss_memory[T * W], weight_memory[T * W];
    store_block<W, T>(loss_memory, loss);
    store_block<W, T>(weight_memory, tile.weight);
    for (int t = 0; t < count; ++t) {
        for (int lane = 0; lane < W; ++lane) {
            sums.loss[lane] += loss_memory[t * W + lane];
            sums.weight[lane] += weight_memory[t * W + lane];
        }
    }
}

}  // namespace lanes::LANES_TARGET
