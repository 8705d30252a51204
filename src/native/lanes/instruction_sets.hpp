// Which instruction sets this build holds, and which of them this machine can run.
#pragma once

#include <string>
#include <vector>

#include "job.hpp"

namespace lanes {

struct InstructionSet {
    std::string name;
    bool supported;               // by this machine and its operating system
    bool fused;                   // multiply_add rounds once
    const Kernel* const* kernels;  // the widest first, ended by a null
};

// The best last.
const std::vector<InstructionSet>& instruction_sets();

// Throws std::invalid_argument where the name is unknown or the machine cannot run it.
const InstructionSet& instruction_set(const std::string& name);

}  // namespace lanes
