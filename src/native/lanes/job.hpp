// What every pack of one call has in common, and the memory of one pack. Plain data shared by the kernels of all
// instruction sets: no standard containers, whose inlined members could end up compiled for the wrong machine.
#pragma once

#include <cstdint>

#include "program.hpp"

namespace lanes {

constexpr int widest = 16;     // lanes of the widest vector

// Floats of the largest record of a row: two lines of a processor's cache.
constexpr int max_record = 32;

// The 32-bit counter of the random numbers holds a unit under Dropout and half of a row's place in its batch.
constexpr int counter_unit_bits = 16;
constexpr int counter_row_bits = 32 - counter_unit_bits;
constexpr int max_dropout_units = 1 << counter_unit_bits;
constexpr int max_dropout_rows = 2 << counter_row_bits;

// Most samples carried through the net together: it changes no result. A single lane fills its registers with samples.
constexpr int tile_rows(int lanes) { return lanes == 1 ? 16 : 4; }

enum class Loss : int { huber, mse, pinball };

struct Objective {
    Loss loss;
    float delta;             // huber
    const float* quantiles;  // pinball: one per output
};

struct Data {
    const float* x;       // [rows][features]
    const float* y;       // [rows][targets]
    const float* weight;  // [rows], or null for equal weights
    int64_t features;
    int64_t targets;
    // The same once more: [rows][record], each the features, the targets and the weight of a row, so that one place of
    // memory holds all of them. Null where they were not made.
    const float* records;
    int64_t record;  // floats of a record, a multiple of 8
};

// When a step is a spike, see spikes.hpp.
struct SpikeRule {
    float limit;      // robust z-score from which a step is skipped; 0: none is
    float grace;      // steps seen before any is judged
    float window;     // steps that centre and scale trail over
    float floor;      // of the scale, in powers of two
    float bound;      // how far a value can pull, in scales
    float deviation;  // from a mean absolute deviation to a standard deviation
};

constexpr int trail_length = 5;  // steps seen; centre and scale of the loss, and of the gradient norm

struct Settings {
    int64_t batch_size;
    int64_t warmup_steps;
    int64_t total_steps;
    bool cosine;
    double max_grad_norm;  // 0: off
    double beta1;
    double beta2;
    double epsilon;
    SpikeRule spikes;
};

// Which row a lane sees at place k of the epoch: first + (order[k] - first + offset) mod count.
struct Rows {
    const int32_t* order;
    int32_t offset;
};

struct Job {
    Program program;
    Objective objective;
    Data data;
    Settings settings;
    int64_t epoch_rows;   // places in an epoch
    int64_t first_row;    // the range inside which offsets wrap around
    int64_t row_count;
};

// One pack: W members side by side. Arrays of vectors are [element][lane].
struct Pack {
    int members;       // lanes in use, from lane 0; the others repeat lane 0
    bool shared_rows;  // all lanes see the same rows
    bool shared_target;

    float* parameters;
    float* gradients;
    float* first_moment;
    float* second_moment;
    float* values;
    float* deltas;

    int64_t applied[widest];
    float trail[trail_length][widest];
    double learning_rate[widest];
    double weight_decay[widest];
    float dropout_rate[widest];
    uint64_t dropout_key[widest];
    int32_t target[widest];
    Rows rows[widest];

    // Since the caller last cleared them.
    double loss_sum[widest];
    double norm_sum[widest];
    double norm_max[widest];
    int64_t applied_count[widest];
    int64_t skipped_count[widest];  // not finite; spikes are told by `train` alone
};

// The functions of one vector width of one instruction set.
struct Kernel {
    int width;
    // Steps [first, last) of the epoch; `step_before` steps were done in all before the epoch. Sets bit e of
    // skipped[s - first] where step s was skipped for lane e as not finite, of spiked[s - first] where as a spike.
    void (*train)(const Job&, Pack&, int64_t step_before, int64_t first, int64_t last, uint32_t* skipped,
                  uint32_t* spiked);
    // Loss and gradient of one batch, the rows at places [first, last); weights stay as they are.
    void (*gradient)(const Job&, Pack&, int64_t step, int64_t first, int64_t last, float* loss);
    // Outputs for rows [first, last), dropout off: out[((lane * stride) + row) * outputs + output].
    void (*predict)(const Job&, Pack&, int64_t first, int64_t last, float* out, int64_t stride);
    // Sums of weighted losses and of weights over rows [first, last), dropout off, one value a lane.
    void (*loss)(const Job&, Pack&, int64_t first, int64_t last, double* loss_sum, double* weight_sum);
};

}  // namespace lanes
