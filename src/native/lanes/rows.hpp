// Bringing rows into the lanes: one row broadcast to all lanes where they share the order, else each lane's own.
#pragma once

#include "block.hpp"
#include "transpose.hpp"

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
    Block<W, T> target;
    Block<W, T> weight;
};

// Rows that all lanes share; targets come from each lane's column.
template <int W, int T>
LANES_INLINE Tile<W, T> load_tile_shared(const Job& job, const Pack& pack, const int64_t (&row)[T], bool with_target) {
    const int features = static_cast<int>(job.data.features);
    alignas(64) float target[T * W], weight[T * W];
    for (int t = 0; t < T; ++t) {
        const float* x = job.data.x + row[t] * features;
        for (int i = 0; i < features; ++i) store<W>(pack.values + (i * T + t) * W, broadcast<W>(x[i]));
        store<W>(weight + t * W, broadcast<W>(job.data.weight ? job.data.weight[row[t]] : 1.0f));
        if (!with_target) continue;
        const float* y = job.data.y + row[t] * job.data.targets;
        if (pack.shared_target) store<W>(target + t * W, broadcast<W>(y[pack.target[0]]));
        else
            for (int lane = 0; lane < W; ++lane) target[t * W + lane] = y[pack.target[lane]];
    }
    Tile<W, T> tile;
    if (with_target) tile.target = load_block<W, T>(target);
    tile.weight = load_block<W, T>(weight);
    return tile;
}

// Each lane's own rows at places [place, place + T); asks the memory for the same tile of the next batch.
template <int W, int T>
LANES_INLINE Tile<W, T> load_tile_own(const Job& job, const Pack& pack, int64_t place, int64_t ahead) {
    alignas(64) float target[T * W], weight[T * W];
    const int64_t features = job.data.features;
    for (int lane = 0; lane < W; ++lane) {
        for (int t = 0; t < T; ++t) {
            const int64_t row = row_at(job, pack.rows[lane], place + t);
            const float* x = job.data.x + row * features;
            for (int64_t i = 0; i < features; ++i) pack.values[(i * T + t) * W + lane] = x[i];
            target[t * W + lane] = job.data.y[row * job.data.targets + pack.target[lane]];
            weight[t * W + lane] = job.data.weight ? job.data.weight[row] : 1.0f;
            const int64_t later = place + t + ahead;
            if (later < job.epoch_rows)
                prefetch_row(job.data, row_at(job, pack.rows[lane], later), pack.target[lane]);
        }
    }
    return {load_block<W, T>(target), load_block<W, T>(weight)};
}

// The same from records: squares of records are turned in registers, S lanes and S columns at a time.
template <int W, int T>
LANES_INLINE Tile<W, T> load_tile_records(const Job& job, const Pack& pack, int64_t place, int64_t ahead) {
    constexpr int S = W < 8 ? W : register_floats < 8 ? register_floats : 8;
    const Data& data = job.data;
    const int features = static_cast<int>(data.features), record = static_cast<int>(data.record);
    alignas(64) float rest[largest_record * W];  // [column - features][lane]: targets, then the weight
    alignas(64) float target[T * W], weight[T * W];
    for (int lane = 0; lane < W; ++lane)  // the order is read from memory too, in another place for each lane
        __builtin_prefetch(pack.rows[lane].order + place + 4 * ahead, 0, 2);
    for (int t = 0; t < T; ++t) {
        const float* from[W];
        const bool more = place + t + ahead < job.epoch_rows;
        LANES_UNROLL
        for (int lane = 0; lane < W; ++lane) {
            from[lane] = data.records + row_at(job, pack.rows[lane], place + t) * record;
            if (!more) continue;
            const float* later = data.records + row_at(job, pack.rows[lane], place + t + ahead) * record;
            for (int column = 0; column < record; column += 16) __builtin_prefetch(later + column, 0, 2);
        }
        for (int column = 0; column < record; column += S) {
            LANES_UNROLL
            for (int lane = 0; lane < W; lane += S) {
                Float<S> square[S];
                LANES_UNROLL
                for (int e = 0; e < S; ++e) square[e] = load<S>(from[lane + e] + column);
                transpose<S>(square);
                LANES_UNROLL
                for (int c = 0; c < S; ++c) {
                    const int at = column + c;
                    float* to = at < features ? pack.values + (at * T + t) * W : rest + (at - features) * W;
                    store<S>(to + lane, square[c]);
                }
            }
        }
        if (pack.shared_target) store<W>(target + t * W, load<W>(rest + pack.target[0] * W));
        else
            for (int lane = 0; lane < W; ++lane) target[t * W + lane] = rest[pack.target[lane] * W + lane];
        store<W>(weight + t * W, load<W>(rest + data.targets * W));
    }
    return {load_block<W, T>(target), load_block<W, T>(weight)};
}

template <int W, int T>
LANES_INLINE Tile<W, T> load_tile(const Job& job, const Pack& pack, int64_t place) {
    if constexpr (W > 1)
        if (!pack.shared_rows)
            return job.data.records ? load_tile_records<W, T>(job, pack, place, job.settings.batch_size)
                                    : load_tile_own<W, T>(job, pack, place, job.settings.batch_size);
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
