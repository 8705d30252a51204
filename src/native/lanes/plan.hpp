// A checked program and the memory plan that goes with it.
#pragma once

#include <cstdint>
#include <vector>

#include "program.hpp"

namespace lanes {

// Throws std::invalid_argument where the operations do not fit together or point outside the parameters.
class Plan {
public:
    Plan(int inputs, const std::vector<OpSpec>& ops, int64_t parameter_count);
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    Program program() const;

private:
    void check() const;
    void place_values();
    void place_deltas();
    void place_wants();

    int inputs_;
    std::vector<Op> ops_;
    int64_t parameter_count_;
    int value_units_ = 0;
    int delta_units_ = 0;
};

}  // namespace lanes
