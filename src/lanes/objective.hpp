// Loss and gradient at the output for a tile of T samples. Derivations: docs/math/losses.md.
#pragma once

#include "job.hpp"
#include "vector.hpp"

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

// Adds weight_T times the mean loss over the outputs to `loss_sum`; writes delta = slope * weight_T * share.
template <int W, int T>
LANES_INLINE void objective_backward(const Objective& objective, const float* prediction, const Float<W> (&target)[T],
                                     const Float<W> (&weight)[T], Float<W> share, int outputs, float* delta,
                                     Float<W>& loss_sum) {
    for (int t = 0; t < T; ++t) {
        for (int k = 0; k < outputs; ++k) {
            const int at = (k * T + t) * W;
            const LossAt<W> here = loss_at<W>(objective, load<W>(prediction + at) - target[t], k);
            store<W>(delta + at, here.slope * (weight[t] * share));
            loss_sum = multiply_add<W>(weight[t], here.loss, loss_sum);
        }
    }
}

}  // namespace lanes::LANES_TARGET
