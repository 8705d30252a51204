// Owns the memory of one pack and moves members in and out of its lanes.
#pragma once

#include <memory>
#include <vector>

#include "population.hpp"

namespace lanes {

class PackMemory {
public:
    // `members`: numbers of the population's members, at most as many as the kernel has lanes.
    PackMemory(const Kernel& kernel, const Program& program, std::vector<int32_t> members, bool training);

    void load(const Members& all, const State& state, const std::vector<const int32_t*>& orders);
    void store_state(const State& state) const;
    void store_gradients(float* gradients) const;
    void clear_records();

    Pack pack{};
    const Kernel& kernel;
    const std::vector<int32_t> members;

private:
    void fill(float* lanes, const float* from) const;
    void empty(const float* lanes, float* to) const;

    int64_t parameter_count_;
    struct Free {
        void operator()(float* memory) const;
    };
    std::unique_ptr<float[], Free> memory_;
};

// Assigns members to packs: wide ones where there are enough members to keep every thread busy.
std::vector<std::unique_ptr<PackMemory>> assign_packs(const Run& run, const Program& program,
                                                      const std::vector<int32_t>& members, bool training);

}  // namespace lanes
