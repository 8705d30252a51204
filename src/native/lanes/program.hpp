// A network as a flat list of operations, and where each finds its numbers. Plain data: the kernels of every
// instruction set read it, the planner (plan.cpp) fills it in.
#pragma once

#include <cstdint>

namespace lanes {

// The only list of them: Python takes its names from here (bindings.cpp).
// detour: what follows reads the value at the fork again; what was computed since waits for the join, which adds it.
#define LANES_KINDS(each) each(linear) each(norm) each(gate) each(sigmoid) each(fork) each(detour) each(join)

#define LANES_ENUMERATOR(name) name,
enum class Kind : int { LANES_KINDS(LANES_ENUMERATOR) };
#undef LANES_ENUMERATOR

// What the caller says of an operation.
struct OpSpec {
    Kind kind;
    int inputs;   // values per row
    int outputs;  // values per row
    int weight;   // first weight among the flat parameters (linear, norm)
    int bias;     // first bias among the flat parameters (linear, norm)
    bool rectify;  // norm, gate: followed by max(0, x)
    int dropout;   // norm, gate: number of its first unit among all dropout units, or -1 for no dropout
    float epsilon;
};

// What the planner adds. Offsets count units; a unit is one value for each sample of a tile and each lane.
struct Op : OpSpec {
    int in;          // values it reads
    int out;         // values it writes
    int normalised;  // norm: (x - mean) / standard deviation
    int inverse;     // norm: 1 / standard deviation
    int partner;     // join: the value that is added
    int kept;        // fork, detour, join: where the gradient of the other path waits, among the gradients
    int delta_out;   // gradient of its output, among the gradients
    int delta_in;    // gradient of its input
    bool wants_delta_in;  // whether any parameter lies below it
};

struct Program {
    const Op* ops;
    int op_count;
    int inputs;
    int outputs;
    int64_t parameter_count;
    int value_units;
    int delta_units;
    int prediction;  // values of the last operation
};

}  // namespace lanes
