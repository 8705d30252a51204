// Trains a small population without Python and prints every weight's bits, so that machines can be compared:
// `small_population SET` (an instruction set), once with all members together and once each alone.
#include <cstdio>
#include <cstring>

#include "plan.hpp"
#include "population.hpp"

namespace {

constexpr int inputs = 5, hidden = 7, members = 6, rows = 150, parameters = 5 * 7 + 7 + 7 + 7 + 7 + 1;

// xorshift: the same numbers on every machine, in [-1, 1).
float number() {
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return static_cast<float>(static_cast<int32_t>(state)) / 2147483648.0f;
}

lanes::OpSpec op(lanes::Kind kind, int from, int to, int weight, int bias) {
    lanes::OpSpec made{};
    made.kind = kind;
    made.inputs = from;
    made.outputs = to;
    made.weight = weight;
    made.bias = bias;
    made.dropout = -1;
    made.epsilon = 1e-5f;
    return made;
}

}  // namespace

int main(int count, char** arguments) {
    const lanes::InstructionSet& set = lanes::instruction_set(count > 1 ? arguments[1] : "");
    std::vector<lanes::OpSpec> ops = {op(lanes::Kind::linear, inputs, hidden, 0, 35), op(lanes::Kind::norm, hidden, hidden, 42, 49),
                                  op(lanes::Kind::linear, hidden, 1, 56, 63), op(lanes::Kind::sigmoid, 1, 1, 0, 0)};
    ops[1].rectify = true;
    ops[1].dropout = 0;
    const lanes::Plan plan(inputs, ops, parameters);

    std::vector<float> x(rows * inputs), y(rows), start(members * parameters);
    for (float& value : x) value = number();
    for (float& value : y) value = 0.5f + 0.5f * number();
    for (float& value : start) value = 0.5f * number();
    std::vector<int32_t> order(rows);
    for (int place = 0; place < rows; ++place) order[static_cast<size_t>(place)] = place * 7 % rows;

    lanes::Job job{};
    job.program = plan.program();
    job.objective = {lanes::Loss::huber, 0.1f, nullptr};
    job.data = {x.data(), y.data(), nullptr, inputs, 1, nullptr, 0};
    job.settings = {16, 4, 20, true, 1.0, 0.9, 0.999, 1e-8, {8.0f, 128.0f, 256.0f, 0.225f, 3.0f, 1.2533141f}};
    job.epoch_rows = job.row_count = rows;
    lanes::Members all;
    for (int member = 0; member < members; ++member) {
        all.target.push_back(0);
        all.learning_rate.push_back(1e-2);
        all.weight_decay.push_back(0.01);
        all.dropout_rate.push_back(0.2f);
        all.dropout_key.push_back(static_cast<uint64_t>(member + 1) * 0x9e3779b97f4a7c15u);
        all.row_offset.push_back(0);
    }
    for (const bool alone : {false, true}) {
        std::vector<float> weights = start, first(start.size()), second(start.size());
        std::vector<int64_t> applied(members);
        std::vector<float> trail(members * lanes::trail_length);
        const lanes::State state = {weights.data(), first.data(), second.data(), applied.data(), trail.data()};
        const lanes::Steps steps = {{order.data()}, 0, 0, 10, 5};
        for (int32_t member = 0; member < (alone ? members : 1); ++member)
            lanes::train({set, 1}, job, all, state,
                         alone ? std::vector<int32_t>{member} : std::vector<int32_t>{0, 1, 2, 3, 4, 5}, steps);
        for (float weight : weights) {
            uint32_t bits;
            std::memcpy(&bits, &weight, sizeof(bits));
            std::printf("%08x\n", bits);
        }
    }
    return 0;
}
