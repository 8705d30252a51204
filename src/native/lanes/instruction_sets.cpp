#include "instruction_sets.hpp"

#include <stdexcept>

namespace lanes {

#if defined(__x86_64__)
extern const Kernel* const kernels_baseline[];
extern const Kernel* const kernels_avx2[];
extern const Kernel* const kernels_avx512[];
#else
extern const Kernel* const kernels_native[];
#endif

const std::vector<InstructionSet>& instruction_sets() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    static const std::vector<InstructionSet> sets = {{"baseline", true, false, kernels_baseline},
                                                     {"avx2", avx2, true, kernels_avx2},
                                                     {"avx512", avx512, true, kernels_avx512}};
#elif defined(__aarch64__)
    static const std::vector<InstructionSet> sets = {{"neon", true, true, kernels_native}};
#else
    static const std::vector<InstructionSet> sets = {{"generic", true, false, kernels_native}};
#endif
    return sets;
}

const InstructionSet& instruction_set(const std::string& name) {
    for (const InstructionSet& set : instruction_sets()) {
        if (set.name != name) continue;
        if (!set.supported) throw std::invalid_argument("this machine cannot run the instruction set " + name);
        return set;
    }
    throw std::invalid_argument("this build holds no instruction set " + name);
}

}  // namespace lanes
