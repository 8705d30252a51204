// Compiled once for each instruction set, with LANES_TARGET naming it: the same source, other vectors.
// Nothing here may instantiate a template of the standard library: the linker keeps one copy of such code for the whole
// module, and it could be the one for a newer machine than the one that runs.
#include "evaluate.hpp"
#include "train.hpp"

#define LANES_JOIN(a, b) a##b
#define LANES_NAME(a, b) LANES_JOIN(a, b)

namespace lanes {

namespace LANES_TARGET {
template <int W>
constexpr Kernel kernel = {W, train<W>, gradient<W>, predict<W>, loss<W>};
}  // namespace LANES_TARGET

// Kernels of one instruction set, the widest first; a null ends the list.
extern const Kernel* const LANES_NAME(kernels_, LANES_TARGET)[];
const Kernel* const LANES_NAME(kernels_, LANES_TARGET)[] = {
#if defined(__AVX512F__)
    &LANES_TARGET::kernel<16>,
#endif
#if defined(__AVX2__)
    &LANES_TARGET::kernel<8>,
#endif
    &LANES_TARGET::kernel<4>,  // few members: half the memory to go through, with the same bits
    &LANES_TARGET::kernel<1>,  // one member: its registers hold samples
    nullptr};

}  // namespace lanes
