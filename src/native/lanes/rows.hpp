// Bringing rows into the lanes: one row broadcast to all lanes where they share the order, else each lane's own.
#pragma once

#include "job.hpp"
#include "transpose.hpp"
#include "views.hpp"

namespace lanes::LANES_TARGET {

// The row that a lane sees at a place of the epoch.
LANES_INLINE int64_t row_at(const Job& job, const Rows& rows, int64_t place) {
    const int64_t row = rows.order[place];
    if (rows.offset == 0) return row;
    const int64_t moved = row + rows.offset;
    return moved < job.first_row + job.row_count ? moved : moved - job.row_count;
}

// The numbers of one row.
struct Row {
    const float* x;
    const float* y;  // null where there are no targets
    float weight;
};

LANES_INLINE Row row_of(const Data& data, int64_t row) {
    if (data.records) {
        const float* record = data.records + row * data.record;
        return {record, record + data.features, record[data.features + data.targets]};
    }
    return {data.x + row * data.features, data.y ? data.y + row * data.targets : nullptr,
            data.weight ? data.weight[row] : 1.0f};
}

// Asks the memory for a row; locality 3 brings it into the nearest cache, 2 into the next.
template <int locality>
LANES_INLINE void prefetch_row(const Data& data, int64_t row, int32_t target) {
    if (data.records) {
        const float* record = data.records + row * data.record;
        for (int64_t column = 0; column < data.record; column += 16) __builtin_prefetch(record + column, 0, locality);
        return;
    }
    const char* from = reinterpret_cast<const char*>(data.x + row * data.features);
    const char* last = reinterpret_cast<const char*>(data.x + (row + 1) * data.features) - 1;
    for (; from < last; from += 64) __builtin_prefetch(from, 0, locality);
    __builtin_prefetch(last, 0, locality);
    __builtin_prefetch(data.y + row * data.targets + target, 0, locality);
    if (data.weight) __builtin_prefetch(data.weight + row, 0, locality);
}

// The same for the rows at places [first, last), where all lanes share them.
template <int locality>
LANES_INLINE void prefetch_shared(const Job& job, const Pack& pack, int64_t first, int64_t last) {
    if (!pack.shared_rows) return;
    for (int64_t place = first; place < last; ++place)
        prefetch_row<locality>(job.data, row_at(job, pack.rows[0], place), pack.target[0]);
}

// Where the rows of a tile are found, and how many of its samples are rows: the others repeat the last row.
struct Places {
    int64_t first;
    int count;

    LANES_MEMBER int64_t of(int sample) const { return first + (sample < count ? sample : count - 1); }
};

template <int W, int T>
struct Tile {
    Block<W, T> target;
    Block<W, T> weight;  // 0 for samples that are no rows
};

// Targets and weights of a tile while it is filled sample by sample.
template <int W, int T>
struct TileMemory {
    alignas(64) float target[T * W];
    alignas(64) float weight[T * W];

    LANES_MEMBER Tile<W, T> tile(int count) {
        for (int t = count; t < T; ++t) store<W>(weight + t * W, Float<W>{});
        return {load_block<W, T>(target), load_block<W, T>(weight)};
    }
};

// Rows that all lanes share, at places of the epoch or, without `order`, by their numbers; targets come from each lane's
// column and are left out where there are none.
template <int W, int T>
LANES_SHARED Tile<W, T> load_tile_shared(const Job& job, const Pack& pack, Places places, const Rows* order) {
    const int features = static_cast<int>(job.data.features);
    const Units<W, T> inputs{pack.values};
    TileMemory<W, T> memory;
    for (int t = 0; t < T; ++t) {
        const Row row = row_of(job.data, order ? row_at(job, *order, places.of(t)) : places.of(t));
        for (int i = 0; i < features; ++i) store<W>(inputs.at(i, t), broadcast<W>(row.x[i]));
        store<W>(memory.weight + t * W, broadcast<W>(row.weight));
        if (!row.y) store<W>(memory.target + t * W, Float<W>{});
        else if (pack.shared_target) store<W>(memory.target + t * W, broadcast<W>(row.y[pack.target[0]]));
        else
            for (int lane = 0; lane < W; ++lane) memory.target[t * W + lane] = row.y[pack.target[lane]];
    }
    return memory.tile(places.count);
}

// Each lane's own rows; asks the memory for the same tile of the next batch.
template <int W, int T>
LANES_SHARED Tile<W, T> load_tile_own(const Job& job, const Pack& pack, Places places) {
    const int64_t features = job.data.features;
    const Units<W, T> inputs{pack.values};
    TileMemory<W, T> memory;
    for (int lane = 0; lane < W; ++lane) {
        for (int t = 0; t < T; ++t) {
            const Row row = row_of(job.data, row_at(job, pack.rows[lane], places.of(t)));
            for (int64_t i = 0; i < features; ++i) inputs.at(static_cast<int>(i), t)[lane] = row.x[i];
            memory.target[t * W + lane] = row.y[pack.target[lane]];
            memory.weight[t * W + lane] = row.weight;
            const int64_t later = places.of(t) + job.settings.batch_size;
            if (later < job.epoch_rows)
                prefetch_row<2>(job.data, row_at(job, pack.rows[lane], later), pack.target[lane]);
        }
    }
    return memory.tile(places.count);
}

// One sample of every lane from records: squares of records are transposed in registers, S lanes and S columns at a
// time. Features go to `inputs`, targets and the weight to `rest`.
template <int W, int T>
LANES_INLINE void load_records(const Data& data, const float* const (&from)[W], int t, Units<W, T> inputs,
                               LaneArray<W> rest) {
    constexpr int S = W < 8 ? W : register_floats < 8 ? register_floats : 8;
    const int features = static_cast<int>(data.features), record = static_cast<int>(data.record);
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
                float* to = at < features ? inputs.at(at, t) : rest.at(at - features);
                store<S>(to + lane, square[c]);
            }
        }
    }
}

// Each lane's own rows from records.
template <int W, int T>
LANES_SHARED Tile<W, T> load_tile_records(const Job& job, const Pack& pack, Places places) {
    const Data& data = job.data;
    const int64_t ahead = job.settings.batch_size, record = data.record;
    alignas(64) float rest[max_record * W];  // [column - features][lane]: targets, then the weight
    TileMemory<W, T> memory;
    for (int lane = 0; lane < W; ++lane)  // the order is read from memory too, in another place for each lane
        __builtin_prefetch(pack.rows[lane].order + places.first + 4 * ahead, 0, 2);
    for (int t = 0; t < T; ++t) {
        const float* from[W];
        const int64_t place = places.of(t);
        const bool more = place + ahead < job.epoch_rows;
        LANES_UNROLL
        for (int lane = 0; lane < W; ++lane) {
            from[lane] = data.records + row_at(job, pack.rows[lane], place) * record;
            if (!more) continue;
            const float* later = data.records + row_at(job, pack.rows[lane], place + ahead) * record;
            for (int64_t column = 0; column < record; column += 16) __builtin_prefetch(later + column, 0, 2);
        }
        load_records<W, T>(data, from, t, Units<W, T>{pack.values}, LaneArray<W>{rest});
        if (pack.shared_target) store<W>(memory.target + t * W, load<W>(rest + pack.target[0] * W));
        else
            for (int lane = 0; lane < W; ++lane) memory.target[t * W + lane] = rest[pack.target[lane] * W + lane];
        store<W>(memory.weight + t * W, load<W>(rest + data.targets * W));
    }
    return memory.tile(places.count);
}

// The rows that a tile of the batch trains on.
template <int W, int T>
LANES_INLINE Tile<W, T> load_tile(const Job& job, const Pack& pack, Places places) {
    if constexpr (W > 1)
        if (!pack.shared_rows)
            return job.data.records ? load_tile_records<W, T>(job, pack, places)
                                    : load_tile_own<W, T>(job, pack, places);
    return load_tile_shared<W, T>(job, pack, places, &pack.rows[0]);
}

// Sum of the weights of a batch, one value per lane.
template <int W>
LANES_INLINE Float<W> weight_sum(const Job& job, const Pack& pack, int64_t first, int64_t last) {
    if (!job.data.weight) return broadcast<W>(static_cast<float>(last - first));
    Float<W> sum{};
    for (int64_t place = first; place < last; ++place)
        for (int lane = 0; lane < W; ++lane) sum[lane] += job.data.weight[row_at(job, pack.rows[lane], place)];
    return sum;
}

}  // namespace lanes::LANES_TARGET
