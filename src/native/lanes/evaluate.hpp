// Forecasts and losses of one pack over consecutive rows, dropout off.
#pragma once

#include "network.hpp"
#include "objective.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T>
LANES_SHARED Tile<W, T> forward_tile(const Job& job, const Pack& pack, Places rows) {
    const Tile<W, T> tile = load_tile_shared<W, T>(job, pack, rows, nullptr);
    const Dropout<W> off = {};
    forward<W, T>(job.program, pack, TileDropout<W>{off, 0});
    return tile;
}

template <int W>
void predict(const Job& job, Pack& pack, int64_t first, int64_t last, float* out, int64_t stride) {
    const int outputs = job.program.outputs;
    for_each_tile<W>(first, last, [&](auto size, int64_t row, int count) LANES_LAMBDA {
        constexpr int T = decltype(size)::value;
        forward_tile<W, T>(job, pack, {row, count});
        const Units<W, T> prediction = Units<W, T>{pack.values}.from(job.program.prediction);
        for (int lane = 0; lane < pack.members; ++lane)
            for (int t = 0; t < count; ++t)
                for (int k = 0; k < outputs; ++k)
                    out[(lane * stride + row + t) * outputs + k] = prediction.at(k, t)[lane];
    });
}

template <int W>
void loss(const Job& job, Pack& pack, int64_t first, int64_t last, double* loss_sum, double* weight_sum) {
    for_each_tile<W>(first, last, [&](auto size, int64_t row, int count) LANES_LAMBDA {
        constexpr int T = decltype(size)::value;
        const Tile<W, T> tile = forward_tile<W, T>(job, pack, {row, count});
        objective_sums<W, T>(job, pack, tile, count, {loss_sum, weight_sum});
    });
}

}  // namespace lanes::LANES_TARGET
