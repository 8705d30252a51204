// Bringing rows into the lanes: one row broadcast to all lanes where they share the order, else each lane's own.
#pragma once

#include "job.hpp"
#include "vector.hpp"

namespace lanes::LANES_TARGET {

// The row that a lane sees at a place of the epoch.
LANES_INLINE int64_t row_at(const Job& job, const Rows& rows, int64_t place) {
    const int64_t row = rows.order[place];
    if (rows.offset == 0) return row;
    const int64_t moved = row + rows.offset;
    return moved < job.first_row + job.row_count ? moved : moved - job.row_count;
}

LANES_INLINE void prefetch_row(const Data& data, int64_t row, int32_t target) {
    const char* from = reinterpret_cast<const char*>(data.x + row * data.features);
    const char* last = reinterpret_cast<const char*>(data.x + (row + 1) * data.features) - 1;
    for (; from < last; from += 64) __builtin_prefetch(from, 0, 2);
    __builtin_prefetch(last, 0, 2);
    __builtin_prefetch(data.y + row * data.targets + target, 0, 2);
    if (data.weight) __builtin_prefetch(data.weight + row, 0, 2);
}

template <int W, int T>
struct Tile {
    Float<W> target[T];
    Float<W> weight[T];
};

template <int W, int T>
LANES_INLINE void load_features_shared(const Data& data, const int64_t (&row)[T], float* values) {
    const int features = static_cast<int>(data.features);
    for (int t = 0; t < T; ++t) {
        const float* x = data.x + row[t] * data.features;
        for (int i = 0; i < features; ++i) store<W>(values + (i * T + t) * W, broadcast<W>(x[i]));
    }
}

// Rows that all lanes share; targets come from each lane's column.
template <int W, int T>
LANES_INLINE Tile<W, T> load_tile_shared(const Job& job, const Pack& pack, const int64_t (&row)[T], bool with_target) {
    Tile<W, T> tile;
    load_features_shared<W, T>(job.data, row, pack.values);
    LANES_UNROLL
    for (int t = 0; t < T; ++t) {
        tile.weight[t] = broadcast<W>(job.data.weight ? job.data.weight[row[t]] : 1.0f);
        if (!with_target) continue;
        const float* y = job.data.y + row[t] * job.data.targets;
        if (pack.shared_target) {
            tile.target[t] = broadcast<W>(y[pack.target[0]]);
        } else {
            alignas(64) float each[W];
            for (int lane = 0; lane < W; ++lane) each[lane] = y[pack.target[lane]];
            tile.target[t] = load<W>(each);
        }
    }
    return tile;
}

// Each lane's own rows at places [place, place + T); asks the memory for the same tile of the next batch.
template <int W, int T>
LANES_INLINE Tile<W, T> load_tile_own(const Job& job, const Pack& pack, int64_t place, int64_t ahead) {
    alignas(64) float target[T][W], weight[T][W];
    const int64_t features = job.data.features;
    for (int lane = 0; lane < W; ++lane) {
        for (int t = 0; t < T; ++t) {
            const int64_t row = row_at(job, pack.rows[lane], place + t);
            const float* x = job.data.x + row * features;
            for (int64_t i = 0; i < features; ++i) pack.values[(i * T + t) * W + lane] = x[i];
            target[t][lane] = job.data.y[row * job.data.targets + pack.target[lane]];
            weight[t][lane] = job.data.weight ? job.data.weight[row] : 1.0f;
            const int64_t later = place + t + ahead;
            if (later < job.epoch_rows)
                prefetch_row(job.data, row_at(job, pack.rows[lane], later), pack.target[lane]);
        }
    }
    Tile<W, T> tile;
    LANES_UNROLL
    for (int t = 0; t < T; ++t) {
        tile.target[t] = load<W>(target[t]);
        tile.weight[t] = load<W>(weight[t]);
    }
    return tile;
}

template <int W, int T>
LANES_INLINE Tile<W, T> load_tile(const Job& job, const Pack& pack, int64_t place) {
    if (!pack.shared_rows) return load_tile_own<W, T>(job, pack, place, job.settings.batch_size);
    int64_t row[T];
    for (int t = 0; t < T; ++t) row[t] = row_at(job, pack.rows[0], place + t);
    return load_tile_shared<W, T>(job, pack, row, true);
}

// Sum of the weights of a batch, one value a lane.
template <int W>
LANES_INLINE Float<W> weight_sum(const Job& job, const Pack& pack, int64_t first, int64_t last) {
    if (!job.data.weight) return broadcast<W>(static_cast<float>(last - first));
    Float<W> sum{};
    for (int64_t place = first; place < last; ++place)
        for (int lane = 0; lane < W; ++lane) sum[lane] += job.data.weight[row_at(job, pack.rows[lane], place)];
    return sum;
}

}  // namespace lanes::LANES_TARGET
