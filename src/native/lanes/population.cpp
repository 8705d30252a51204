#include "population.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "pack_memory.hpp"
#include "threads.hpp"

namespace lanes {

namespace {

// Rows of which a thread trains all its packs before it goes on: enough to make the change of pack cheap, few enough
// that the rows stay in cache, so that the memory (or a mapped file) is read once for all packs of a thread.
constexpr int64_t rows_in_cache = 256;
// Rows of one piece of evaluation. Sums are taken within a piece, then over pieces in order: no thread changes them.
constexpr int64_t rows_in_piece = 4096;

using Packs = std::vector<std::unique_ptr<PackMemory>>;

std::vector<int32_t> everyone(const Members& members) {
    std::vector<int32_t> all(members.target.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
}

// Last steps of the segments: logging intervals, counted from the start of the epoch, cut to [first, last).
std::vector<int64_t> segment_ends(const Steps& steps) {
    std::vector<int64_t> ends;
    for (int64_t step = steps.first; step < steps.last;) {
        step = std::min(steps.last, (step / steps.log_interval + 1) * steps.log_interval);
        ends.push_back(step);
    }
    return ends;
}

void write_records(const PackMemory& memory, size_t segment, size_t members, Records& records) {
    for (int lane = 0; lane < memory.pack.members; ++lane) {
        const size_t at = segment * members + static_cast<size_t>(memory.members[static_cast<size_t>(lane)]);
        records.loss_sum[at] = memory.pack.loss_sum[lane];
        records.norm_sum[at] = memory.pack.norm_sum[lane];
        records.norm_max[at] = memory.pack.norm_max[lane];
        records.applied[at] = memory.pack.applied_count[lane];
        records.skipped[at] = memory.pack.skipped_count[lane];
    }
}

void note_skips(const PackMemory& memory, const std::vector<uint32_t>& skipped, int64_t count, int64_t first_step,
                std::vector<Skip>& skips) {
    for (int64_t s = 0; s < count; ++s)
        for (int lane = 0; lane < memory.pack.members; ++lane)
            if (skipped[static_cast<size_t>(s)] >> lane & 1u)
                skips.push_back({first_step + s, memory.members[static_cast<size_t>(lane)]});
}

// The skips of all threads by step, those of one step by member.
std::vector<Skip> in_order(const std::vector<std::vector<Skip>>& of_threads) {
    std::vector<Skip> all;
    for (const auto& own : of_threads) all.insert(all.end(), own.begin(), own.end());
    std::sort(all.begin(), all.end(), [](const Skip& a, const Skip& b) {
        return a.step != b.step ? a.step < b.step : a.member < b.member;
    });
    return all;
}

// What one thread does: its packs, a cacheful of rows at a time.
void train_packs(const Job& job, const std::vector<PackMemory*>& packs, const Steps& steps, size_t members,
                 Records& records, std::vector<Skip>& skips, std::vector<Skip>& spikes) {
    const int64_t chunk = std::max<int64_t>(1, rows_in_cache / job.settings.batch_size);
    std::vector<uint32_t> skipped(static_cast<size_t>(chunk)), spiked(static_cast<size_t>(chunk));
    const std::vector<int64_t> ends = segment_ends(steps);
    int64_t step = steps.first;
    for (size_t segment = 0; segment < ends.size(); ++segment) {
        for (PackMemory* memory : packs) memory->clear_records();
        for (; step < ends[segment]; step = std::min(step + chunk, ends[segment])) {
            const int64_t stop = std::min(step + chunk, ends[segment]);
            for (PackMemory* memory : packs) {
                memory->kernel.train(job, memory->pack, steps.before, step, stop, skipped.data(), spiked.data());
                note_skips(*memory, skipped, stop - step, steps.before + step, skips);
                note_skips(*memory, spiked, stop - step, steps.before + step, spikes);
            }
        }
        for (PackMemory* memory : packs) write_records(*memory, segment, members, records);
    }
}

Records empty_records(const Steps& steps, size_t members) {
    Records records;
    for (int64_t end : segment_ends(steps)) records.segment_stop.push_back(steps.before + end);
    const size_t size = records.segment_stop.size() * members;
    for (auto* column : {&records.loss_sum, &records.norm_sum, &records.norm_max}) column->assign(size, 0.0);
    for (auto* column : {&records.applied, &records.skipped}) column->assign(size, 0);
    return records;
}

// Pieces of rows times packs, taken by whichever thread is free. Each thread has its own packs, for their activations.
template <typename Piece>
void for_each_piece(const Run& run, const Job& job, const Members& members, const State& state, int64_t first,
                 int64_t last, const Piece& piece) {
    const std::vector<int32_t> all = everyone(members);
    const int64_t pieces = (last - first + rows_in_piece - 1) / rows_in_piece;
    const int threads = static_cast<int>(std::max<int64_t>(1, std::min<int64_t>(run.threads, pieces)));
    std::vector<Packs> packs;
    for (int number = 0; number < threads; ++number) {
        packs.push_back(assign_packs({run.set, 1}, job.program, all, false));
        for (auto& memory : packs.back()) memory->load(members, state, {});
    }
    std::atomic<int64_t> next{0};
    on_threads(threads, [&](int number) {
        for (int64_t taken = next++; taken < pieces; taken = next++) {
            const int64_t start = first + taken * rows_in_piece;
            const int64_t stop = std::min(last, start + rows_in_piece);
            for (auto& memory : packs[static_cast<size_t>(number)]) piece(*memory, taken, start, stop);
        }
    });
}

}  // namespace

Records train(const Run& run, const Job& job, const Members& members, const State& state,
              const std::vector<int32_t>& active, const Steps& steps) {
    const size_t count = members.target.size();
    Records records = empty_records(steps, count);
    if (active.empty()) return records;
    const Packs packs = assign_packs(run, job.program, active, true);
    const int threads = std::min(run.threads, static_cast<int>(packs.size()));
    std::vector<std::vector<PackMemory*>> packs_of_thread(static_cast<size_t>(threads));
    for (size_t index = 0; index < packs.size(); ++index) {
        packs[index]->load(members, state, steps.orders);
        packs_of_thread[index % static_cast<size_t>(threads)].push_back(packs[index].get());
    }
    std::vector<std::vector<Skip>> skips(static_cast<size_t>(threads)), spikes(static_cast<size_t>(threads));
    on_threads(threads, [&](int number) {
        const auto own = static_cast<size_t>(number);
        train_packs(job, packs_of_thread[own], steps, count, records, skips[own], spikes[own]);
    });
    for (const auto& memory : packs) memory->store_state(state);
    records.skips = in_order(skips);
    records.spikes = in_order(spikes);
    return records;
}

void gradient(const Run& run, const Job& job, const Members& members, const State& state, const int32_t* order,
              int64_t step, int64_t first, int64_t last, float* loss, float* gradients) {
    const SubnormalsAreZero flush;
    for (auto& memory : assign_packs(run, job.program, everyone(members), true)) {
        memory->load(members, state, {order});
        float lane_loss[widest];
        memory->kernel.gradient(job, memory->pack, step, first, last, lane_loss);
        memory->store_gradients(gradients);
        for (int lane = 0; lane < memory->pack.members; ++lane)
            loss[memory->members[static_cast<size_t>(lane)]] = lane_loss[lane];
    }
}

void predict(const Run& run, const Job& job, const Members& members, const State& state, int64_t rows, float* out) {
    for_each_piece(run, job, members, state, 0, rows, [&](PackMemory& memory, int64_t, int64_t start, int64_t stop) {
        float* first = out + memory.members[0] * rows * job.program.outputs;
        memory.kernel.predict(job, memory.pack, start, stop, first, rows);
    });
}

std::vector<double> evaluate(const Run& run, const Job& job, const Members& members, const State& state,
                             int64_t first, int64_t last) {
    const size_t count = members.target.size();
    const auto pieces = static_cast<size_t>((last - first + rows_in_piece - 1) / rows_in_piece);
    std::vector<double> loss_sum(pieces * count), weight_sum(pieces * count);
    for_each_piece(run, job, members, state, first, last,
                [&](PackMemory& memory, int64_t taken, int64_t start, int64_t stop) {
                    double loss[widest] = {}, weight[widest] = {};
                    memory.kernel.loss(job, memory.pack, start, stop, loss, weight);
                    for (int lane = 0; lane < memory.pack.members; ++lane) {
                        const size_t at = static_cast<size_t>(taken) * count +
                                          static_cast<size_t>(memory.members[static_cast<size_t>(lane)]);
                        loss_sum[at] = loss[lane];
                        weight_sum[at] = weight[lane];
                    }
                });
    std::vector<double> mean(count);
    for (size_t member = 0; member < count; ++member) {
        double loss = 0.0, weight = 0.0;
        for (size_t taken = 0; taken < pieces; ++taken) {
            loss += loss_sum[taken * count + member];
            weight += weight_sum[taken * count + member];
        }
        mean[member] = loss / (weight * job.program.outputs);
    }
    return mean;
}

}  // namespace lanes
