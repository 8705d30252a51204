// The training loop of one pack: batch by batch, forward and back by tiles, guard, clip, AdamW.
#pragma once

#include "adamw.hpp"
#include "network.hpp"
#include "objective.hpp"
#include "spikes.hpp"

namespace lanes::LANES_TARGET {

template <int W>
LANES_INLINE Dropout<W> dropout_of_step(const Pack& pack, uint64_t step) {
    Dropout<W> dropout;
    dropout.any = false;
    for (int lane = 0; lane < W; ++lane) {
        const uint64_t key = step_key(pack.dropout_key[lane], step);
        dropout.keys.low[lane] = static_cast<uint32_t>(key);
        dropout.keys.high[lane] = static_cast<uint32_t>(key >> 32) ^ flips_top_bit;
        const float rate = pack.dropout_rate[lane];
        dropout.threshold[lane] = drop_threshold(rate);
        dropout.scale[lane] = 1.0f / (1.0f - rate);
        dropout.any |= rate > 0.0f;
    }
    return dropout;
}

// The batch's weighted mean loss; its gradient is added to pack.gradients, which are 0 before.
template <int W>
LANES_SHARED Float<W> batch_gradient(const Job& job, const Pack& pack, const Dropout<W>& dropout, int64_t first,
                                     int64_t last) {
    const Float<W> share =
        1.0f / (weight_sum<W>(job, pack, first, last) * static_cast<float>(job.program.outputs));
    Float<W> loss_sum{};
    for_each_tile<W>(first, last, [&](auto size, int64_t place, int count) LANES_LAMBDA {
        constexpr int T = decltype(size)::value;
        const TileDropout<W> tile_dropout{dropout, static_cast<int>(place - first)};
        const Tile<W, T> tile = load_tile<W, T>(job, pack, {place, count});
        forward<W, T>(job.program, pack, tile_dropout);
        objective_backward<W, T>(job, pack, tile, share, loss_sum);
        backward<W, T>(job.program, pack, tile_dropout);
    });
    return loss_sum * share;
}

template <int W>
LANES_INLINE void clear_gradients(const Job& job, Pack& pack) {
    __builtin_memset(pack.gradients, 0, static_cast<size_t>(job.program.parameter_count) * W * sizeof(float));
}

// Which lanes skip a step, bit e for lane e.
struct Skipped {
    uint32_t not_finite;
    uint32_t spiked;
};

// Counts one step in the pack's records.
template <int W>
LANES_INLINE Skipped record(Pack& pack, Float<W> loss, Float<W> norm, Int<W> applies, Int<W> spiked) {
    Skipped skipped{};
    for (int lane = 0; lane < W; ++lane) {
        if (applies[lane]) {
            pack.loss_sum[lane] += loss[lane];
            pack.norm_sum[lane] += norm[lane];
            if (norm[lane] > pack.norm_max[lane]) pack.norm_max[lane] = norm[lane];
            pack.applied_count[lane] += 1;
            pack.applied[lane] += 1;
        } else if (spiked[lane]) {
            skipped.spiked |= 1u << lane;
        } else {
            pack.skipped_count[lane] += 1;
            skipped.not_finite |= 1u << lane;
        }
    }
    return skipped;
}

template <int W>
LANES_INLINE bool all_set(Int<W> mask) {
    int32_t all = -1;
    for (int lane = 0; lane < W; ++lane) all &= mask[lane];
    return all == -1;
}

template <int W>
LANES_INLINE Skipped train_step(const Job& job, Pack& pack, uint64_t step, int64_t first, int64_t last) {
    const int64_t count = job.program.parameter_count;
    const Dropout<W> dropout = dropout_of_step<W>(pack, step);
    const Float<W> loss = batch_gradient<W>(job, pack, dropout, first, last);
    const Float<W> norm = square_root<W>(squared_norm<W>(pack.gradients, count));
    const Int<W> spiked = spikes<W>(job.settings.spikes, pack, loss, norm);
    const Int<W> applies = is_finite<W>(loss) & is_finite<W>(norm) & ~spiked;
    const Rates<W> rates = rates_of_step<W>(job.settings, pack);
    const Float<W> clip = clip_factor<W>(norm, job.settings.max_grad_norm);
    if (all_set<W>(applies))
        adamw<W, true>(job.settings, pack, count, rates, clip, applies);
    else
        adamw<W, false>(job.settings, pack, count, rates, clip, applies);
    return record<W>(pack, loss, norm, applies, spiked);
}

template <int W>
void train(const Job& job, Pack& pack, int64_t step_before, int64_t first, int64_t last, uint32_t* skipped,
           uint32_t* spiked) {
    clear_gradients<W>(job, pack);
    const int64_t batch = job.settings.batch_size;
    const int64_t stop = last * batch < job.epoch_rows ? last * batch : job.epoch_rows;
    // All rows of the call on their way from memory, then those of each batch one step ahead into the nearest cache: a
    // member alone has too little to do with a row to wait for it.
    prefetch_shared<2>(job, pack, first * batch, stop);
    for (int64_t step = first; step < last; ++step) {
        const int64_t start = step * batch;
        const int64_t end = start + batch < stop ? start + batch : stop;
        prefetch_shared<3>(job, pack, end, end + batch < stop ? end + batch : stop);
        const Skipped now = train_step<W>(job, pack, static_cast<uint64_t>(step_before + step), start, end);
        skipped[step - first] = now.not_finite;
        spiked[step - first] = now.spiked;
    }
}

template <int W>
void gradient(const Job& job, Pack& pack, int64_t step, int64_t first, int64_t last, float* loss) {
    clear_gradients<W>(job, pack);
    const Dropout<W> dropout = dropout_of_step<W>(pack, static_cast<uint64_t>(step));
    const Float<W> value = batch_gradient<W>(job, pack, dropout, first, last);
    for (int lane = 0; lane < W; ++lane) loss[lane] = value[lane];
}

}  // namespace lanes::LANES_TARGET
