#include "plan.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace lanes {

namespace {

[[noreturn]] void fail(size_t index, const std::string& what) {
    throw std::invalid_argument("operation " + std::to_string(index) + " " + what);
}

// What waits for a join: the value at the fork or, after a detour, what was computed before it.
struct Branch {
    int width;
    bool detoured;
};

bool has_parameters(const OpSpec& op) { return op.kind == Kind::linear || op.kind == Kind::norm; }

}  // namespace

Plan::Plan(int inputs, const std::vector<OpSpec>& ops, int64_t parameter_count)
    : inputs_(inputs), parameter_count_(parameter_count) {
    for (const OpSpec& op : ops) ops_.push_back({op, 0, 0, 0, 0, 0, 0, 0, 0, false});
    check();
    place_values();
    place_deltas();
}

Program Plan::program() const {
    return {ops_.data(),  static_cast<int>(ops_.size()), inputs_,      ops_.back().outputs, parameter_count_,
            value_units_, delta_units_,                  ops_.back().out};
}

void Plan::check() const {
    // Offsets into the parameters of the widest pack are kept in 32 bits.
    constexpr int64_t max_parameters = (int64_t{1} << 31) / 16;
    if (inputs_ < 1 || ops_.empty()) throw std::invalid_argument("a program needs inputs and at least one operation");
    if (parameter_count_ >= max_parameters) throw std::invalid_argument("a program holds fewer than 2^27 parameters");
    int width = inputs_;
    std::vector<Branch> branches;
    for (size_t index = 0; index < ops_.size(); ++index) {
        const Op& op = ops_[index];
        const bool widens = op.kind == Kind::linear || op.kind == Kind::detour;
        if (op.inputs != width) fail(index, "does not take the width of the one before it");
        if (op.outputs < 1 || (!widens && op.outputs != op.inputs)) fail(index, "has a wrong width");
        const int64_t weights = op.kind == Kind::linear ? int64_t{op.inputs} * op.outputs : op.inputs;
        if (has_parameters(op) && (op.weight < 0 || op.weight + weights > parameter_count_ || op.bias < 0 ||
                                   int64_t{op.bias} + op.outputs > parameter_count_))
            fail(index, "points outside the parameters");
        if (op.kind == Kind::norm && op.dropout >= 0 && !op.rectify) fail(index, "drops without a ReLU");
        if (op.kind == Kind::fork) branches.push_back({width, false});
        if (op.kind == Kind::detour) {
            if (branches.empty() || branches.back().detoured || branches.back().width != op.outputs)
                fail(index, "goes back to no fork of its width");
            branches.back() = {width, true};
        }
        if (op.kind == Kind::join) {
            if (branches.empty() || branches.back().width != width) fail(index, "joins no fork of its width");
            branches.pop_back();
        }
        width = op.outputs;
    }
    if (!branches.empty()) throw std::invalid_argument("a fork is never joined");
}

// Every operation writes its own values, except that a norm may normalise the values of a linear in place: nothing
// reads them again unless a fork keeps them.
void Plan::place_values() {
    int next = inputs_;
    int current = 0;
    bool overwritable = true;  // whether anything but the next operation needs `current`
    std::vector<int> waiting;  // values that a join will add
    const auto place = [&](int units) {
        const int at = next;
        next += units;
        return at;
    };
    for (Op& op : ops_) {
        op.in = current;
        if (op.kind == Kind::fork) waiting.push_back(current);
        if (op.kind == Kind::detour) std::swap(current, waiting.back());
        op.out = op.kind == Kind::fork || op.kind == Kind::detour ? current : place(op.outputs);
        if (op.kind == Kind::norm) {
            op.normalised = overwritable ? op.in : place(op.inputs);
            op.inverse = place(1);
        }
        if (op.kind == Kind::join) {
            op.partner = waiting.back();
            waiting.pop_back();
        }
        overwritable = op.kind == Kind::linear;
        current = op.out;
    }
    value_units_ = next;
}

// Gradients alternate between two places (a linear cannot work in place); every join and detour keeps one more.
void Plan::place_deltas() {
    int widest_layer = inputs_;
    for (const Op& op : ops_) widest_layer = std::max(widest_layer, op.outputs);
    int next = 2 * widest_layer;
    int current = 0;
    std::vector<int> waiting;  // gradients of the paths that are not being walked
    for (size_t index = ops_.size(); index-- > 0;) {
        Op& op = ops_[index];
        op.delta_out = current;
        if (op.kind == Kind::linear) current = current == 0 ? widest_layer : 0;
        if (op.kind == Kind::join || op.kind == Kind::detour) {
            op.kept = next;
            next += op.outputs;
        }
        if (op.kind == Kind::join) waiting.push_back(op.kept);
        if (op.kind == Kind::detour) {  // on to the path before it, whose gradient the join kept
            current = waiting.back();
            waiting.back() = op.kept;
        }
        if (op.kind == Kind::fork) {
            op.kept = waiting.back();
            waiting.pop_back();
        }
        op.delta_in = current;
    }
    delta_units_ = next;
    place_wants();
}

// Which gradients of inputs are needed: those above parameters.
void Plan::place_wants() {
    bool below = false;             // whether any parameter lies below on this path
    std::vector<bool> below_other;  // and on the path that waits for the join
    for (Op& op : ops_) {
        if (op.kind == Kind::fork) below_other.push_back(below);
        if (op.kind == Kind::detour) {
            const bool before = below;
            below = below_other.back();
            below_other.back() = before;
        }
        if (op.kind == Kind::join) {
            below = below || below_other.back();
            below_other.pop_back();
        }
        op.wants_delta_in = below;
        below = below || has_parameters(op);
    }
}

}  // namespace lanes
