// A population of members on several threads: members are assigned to packs, packs to threads.
#pragma once

#include <cstdint>
#include <vector>

#include "instruction_sets.hpp"
#include "job.hpp"

namespace lanes {

// What differs between members; one entry per member.
struct Members {
    std::vector<int32_t> target;
    std::vector<double> learning_rate;
    std::vector<double> weight_decay;
    std::vector<float> dropout_rate;
    std::vector<uint64_t> dropout_key;
    std::vector<int32_t> row_offset;
};

// Arrays [member][parameter], owned by the caller; moments may be null where nothing is trained.
struct State {
    float* parameters;
    float* first_moment;
    float* second_moment;
    int64_t* applied;  // [member]
    float* trail;      // [member][trail_length]
};

struct Steps {
    std::vector<const int32_t*> orders;  // one for all members, or one each
    int64_t before;  // steps done before this epoch
    int64_t first;   // of the epoch
    int64_t last;
    int64_t log_interval;
};

struct Skip {
    int64_t step;  // counted over all epochs, from 0
    int32_t member;
};

// One row per segment (a part of a logging interval), one column per member of the population.
struct Records {
    std::vector<int64_t> segment_stop;  // steps done in all when the segment ended
    std::vector<double> loss_sum, norm_sum, norm_max;
    std::vector<int64_t> applied, skipped;
    std::vector<Skip> skips;   // not finite
    std::vector<Skip> spikes;
};

struct Run {
    const InstructionSet& set;
    int threads;
};

// Trains the members listed in `active`; the others' state stays as it is.
Records train(const Run& run, const Job& job, const Members& members, const State& state,
              const std::vector<int32_t>& active, const Steps& steps);

// Loss [member] and gradient [member][parameter] of one batch, the places [first, last) of the order.
void gradient(const Run& run, const Job& job, const Members& members, const State& state, const int32_t* order,
              int64_t step, int64_t first, int64_t last, float* loss, float* gradients);

// Outputs [member][row][output], dropout off, of the rows [0, rows) of job.data.
void predict(const Run& run, const Job& job, const Members& members, const State& state, int64_t rows, float* out);

// Weighted mean loss [member], dropout off, over rows [first, last).
std::vector<double> evaluate(const Run& run, const Job& job, const Members& members, const State& state,
                             int64_t first, int64_t last);

}  // namespace lanes
