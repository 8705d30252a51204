// Forecasts and losses of one pack over consecutive rows, dropout off.
#pragma once

#include "network.hpp"
#include "objective.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T>
LANES_INLINE Tile<W, T> forward_tile(const Job& job, const Pack& pack, int64_t first, bool with_target) {
    int64_t row[T];
    for (int t = 0; t < T; ++t) row[t] = first + t;
    const Tile<W, T> tile = load_tile_shared<W, T>(job, pack, row, with_target);
    const Dropout<W> off = {};
    forward<W, T>(job.program, pack, off, 0);
    return tile;
}

template <int W, int T>
LANES_INLINE void predict_tile(const Job& job, const Pack& pack, int64_t row, float* out, int64_t stride) {
    forward_tile<W, T>(job, pack, row, false);
    const int outputs = job.program.outputs;
    const float* prediction = pack.values + job.program.prediction * T * W;
    for (int lane = 0; lane < pack.members; ++lane)
        for (int t = 0; t < T; ++t)
            for (int k = 0; k < outputs; ++k)
                out[(lane * stride + row + t) * outputs + k] = prediction[(k * T + t) * W + lane];
}

template <int W>
void predict(const Job& job, Pack& pack, int64_t first, int64_t last, float* out, int64_t stride) {
    over_tiles<W>(first, last, [&](auto size, int64_t row) LANES_LAMBDA {
        predict_tile<W, decltype(size)::value>(job, pack, row, out, stride);
    });
}

template <int W>
void loss(const Job& job, Pack& pack, int64_t first, int64_t last, double* loss_sum, double* weight_sum) {
    over_tiles<W>(first, last, [&](auto size, int64_t row) LANES_LAMBDA {
        constexpr int T = decltype(size)::value;
        const Tile<W, T> tile = forward_tile<W, T>(job, pack, row, true);
        objective_sums<W, T>(job.objective, pack.values + job.program.prediction * T * W, tile, job.program.outputs,
                             loss_sum, weight_sum);
    });
}

}  // namespace lanes::LANES_TARGET
