// Forecasts and losses of one pack over consecutive rows, dropout off.
#pragma once

#include "network.hpp"
#include "objective.hpp"
#include "rows.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T>
LANES_INLINE Tile<W, T> forward_tile(const Job& job, const Pack& pack, int64_t first, bool with_target) {
    int64_t row[T];
    for (int t = 0; t < T; ++t) row[t] = first + t;
    const Tile<W, T> tile = load_tile_shared<W, T>(job, pack, row, with_target);
    Dropout<W> off;
    off.any = false;
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
    int64_t row = first;
    for (; row + tile_rows <= last; row += tile_rows) predict_tile<W, tile_rows>(job, pack, row, out, stride);
    for (; row < last; ++row) predict_tile<W, 1>(job, pack, row, out, stride);
}

// Sums of a tile are taken in float32, sums over tiles in float64.
template <int W, int T>
LANES_INLINE void loss_tile(const Job& job, const Pack& pack, int64_t row, double* loss_sum, double* weight_sum) {
    const Tile<W, T> tile = forward_tile<W, T>(job, pack, row, true);
    const float* prediction = pack.values + job.program.prediction * T * W;
    Float<W> loss{}, weight{};
    for (int t = 0; t < T; ++t) {
        for (int k = 0; k < job.program.outputs; ++k) {
            const Float<W> error = load<W>(prediction + (k * T + t) * W) - tile.target[t];
            loss = multiply_add<W>(tile.weight[t], loss_at<W>(job.objective, error, k).loss, loss);
        }
        weight += tile.weight[t];
    }
    for (int lane = 0; lane < W; ++lane) {
        loss_sum[lane] += loss[lane];
        weight_sum[lane] += weight[lane];
    }
}

template <int W>
void loss(const Job& job, Pack& pack, int64_t first, int64_t last, double* loss_sum, double* weight_sum) {
    int64_t row = first;
    for (; row + tile_rows <= last; row += tile_rows) loss_tile<W, tile_rows>(job, pack, row, loss_sum, weight_sum);
    for (; row < last; ++row) loss_tile<W, 1>(job, pack, row, loss_sum, weight_sum);
}

}  // namespace lanes::LANES_TARGET
