#include "pack_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace lanes {

namespace {

constexpr size_t alignment = 64;
// Bytes of weights, gradients and moments from which a pack is made narrower: beyond the cache every step would fetch
// them from memory, and narrow packs, taken in turn for many steps each, do not.
constexpr int64_t max_pack_bytes = int64_t{16} << 20;

float* allocate(size_t floats) {
    const size_t bytes = (floats * sizeof(float) + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, bytes);
    if (!memory) throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    return static_cast<float*>(memory);
}

}  // namespace

void PackMemory::Free::operator()(float* memory) const { std::free(memory); }

PackMemory::PackMemory(const Kernel& kernel_, const Program& program, std::vector<int32_t> members_, bool training)
    : kernel(kernel_), members(std::move(members_)), parameter_count_(program.parameter_count) {
    const size_t width = static_cast<size_t>(kernel.width);
    const size_t tile = width * static_cast<size_t>(tile_rows(kernel.width));
    // Each array starts on a cache line: sixteen floats.
    const auto lines = [](size_t floats) { return (floats + 15) / 16 * 16; };
    const size_t parameters = lines(static_cast<size_t>(parameter_count_) * width);
    const size_t values = lines(static_cast<size_t>(program.value_units) * tile);
    const size_t deltas = lines(static_cast<size_t>(program.delta_units) * tile);
    memory_.reset(allocate(parameters * (training ? 4 : 1) + values + deltas));
    float* next = memory_.get();
    const auto take = [&next](size_t floats) {
        float* here = next;
        next += floats;
        return here;
    };
    pack.members = static_cast<int>(members.size());
    pack.values = take(values);
    pack.deltas = take(deltas);
    pack.parameters = take(parameters);
    if (!training) return;
    pack.gradients = take(parameters);
    pack.first_moment = take(parameters);
    pack.second_moment = take(parameters);
}

void PackMemory::fill(float* lanes, const float* from) const {
    const int width = kernel.width;
    for (int lane = 0; lane < width; ++lane) {
        const int32_t member = members[static_cast<size_t>(lane < pack.members ? lane : 0)];
        const float* source = from + member * parameter_count_;
        for (int64_t j = 0; j < parameter_count_; ++j) lanes[j * width + lane] = source[j];
    }
}

void PackMemory::empty(const float* lanes, float* to) const {
    const int width = kernel.width;
    for (int lane = 0; lane < pack.members; ++lane) {
        float* target = to + members[static_cast<size_t>(lane)] * parameter_count_;
        for (int64_t j = 0; j < parameter_count_; ++j) target[j] = lanes[j * width + lane];
    }
}

void PackMemory::load(const Members& all, const State& state, const std::vector<const int32_t*>& orders) {
    fill(pack.parameters, state.parameters);
    if (pack.first_moment && state.first_moment) {
        fill(pack.first_moment, state.first_moment);
        fill(pack.second_moment, state.second_moment);
    }
    pack.shared_rows = pack.shared_target = true;
    for (int lane = 0; lane < kernel.width; ++lane) {
        const auto member = static_cast<size_t>(members[static_cast<size_t>(lane < pack.members ? lane : 0)]);
        pack.applied[lane] = state.applied ? state.applied[member] : 0;
        for (size_t part = 0; part < trail_length; ++part)
            pack.trail[part][lane] = state.trail ? state.trail[member * trail_length + part] : 0.0f;
        pack.learning_rate[lane] = all.learning_rate[member];
        pack.weight_decay[lane] = all.weight_decay[member];
        pack.dropout_rate[lane] = all.dropout_rate[member];
        pack.dropout_key[lane] = all.dropout_key[member];
        pack.target[lane] = all.target[member];
        if (orders.empty()) pack.rows[lane] = {nullptr, 0};
        else pack.rows[lane] = {orders.size() == 1 ? orders[0] : orders[member], all.row_offset[member]};
        pack.shared_target = pack.shared_target && pack.target[lane] == pack.target[0];
        pack.shared_rows = pack.shared_rows && pack.rows[lane].order == pack.rows[0].order &&
                           pack.rows[lane].offset == pack.rows[0].offset;
    }
}

void PackMemory::store_state(const State& state) const {
    empty(pack.parameters, state.parameters);
    empty(pack.first_moment, state.first_moment);
    empty(pack.second_moment, state.second_moment);
    for (int lane = 0; lane < pack.members; ++lane) {
        const auto member = static_cast<size_t>(members[static_cast<size_t>(lane)]);
        state.applied[member] = pack.applied[lane];
        for (size_t part = 0; part < trail_length; ++part)
            state.trail[member * trail_length + part] = pack.trail[part][lane];
    }
}

void PackMemory::store_gradients(float* gradients) const { empty(pack.gradients, gradients); }

void PackMemory::clear_records() {
    for (int lane = 0; lane < widest; ++lane) {
        pack.loss_sum[lane] = pack.norm_sum[lane] = pack.norm_max[lane] = 0.0;
        pack.applied_count[lane] = pack.skipped_count[lane] = 0;
    }
}

std::vector<std::unique_ptr<PackMemory>> assign_packs(const Run& run, const Program& program,
                                                      const std::vector<int32_t>& members, bool training) {
    const Kernel* const* wide = run.set.kernels;
    const auto packs_of = [&](const Kernel& kernel) {
        const size_t width = static_cast<size_t>(kernel.width);
        return (members.size() + width - 1) / width;
    };
    while (wide[1] && packs_of(**wide) < static_cast<size_t>(run.threads) && packs_of(*wide[1]) > packs_of(**wide))
        ++wide;
    const auto bytes = [&](const Kernel& kernel) {
        return 4 * static_cast<int64_t>(sizeof(float)) * program.parameter_count * kernel.width;
    };
    while (wide[1] && bytes(**wide) > max_pack_bytes) ++wide;
    std::vector<std::unique_ptr<PackMemory>> packs;
    for (size_t start = 0; start < members.size();) {
        const size_t left = members.size() - start;
        const Kernel* const* kernel = wide;
        // Two members alone take less time than two of four lanes.
        const auto most = [](const Kernel& narrower) { return static_cast<size_t>(std::max(narrower.width, 2)); };
        while (kernel[1] && left <= most(*kernel[1])) ++kernel;
        const size_t taken = std::min(left, static_cast<size_t>((*kernel)->width));
        const auto first = members.begin() + static_cast<std::ptrdiff_t>(start);
        packs.push_back(std::make_unique<PackMemory>(
            **kernel, program, std::vector<int32_t>(first, first + static_cast<std::ptrdiff_t>(taken)), training));
        start += taken;
    }
    return packs;
}

}  // namespace lanes
