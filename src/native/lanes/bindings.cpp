// The module tailproof._lanes: checks what Python gives, lets go of the interpreter lock, and runs.
// What each function does and means is said in src/tailproof/_lanes.pyi.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>

#include "arrays.hpp"
#include "plan.hpp"
#include "population.hpp"
#include "shuffle.hpp"

using namespace nb::literals;

namespace {

// Keeps the arrays alive as long as Python holds the record.
struct Data {
    In<float, 2> x;
    std::optional<In<float, 2>> y;
    std::optional<In<float, 1>> weight;
    std::optional<In<float, 2>> records;

    Data(In<float, 2> x_, std::optional<In<float, 2>> y_, std::optional<In<float, 1>> weight_,
         std::optional<In<float, 2>> records_)
        : x(std::move(x_)), y(std::move(y_)), weight(std::move(weight_)), records(std::move(records_)) {
        require(!y || y->shape(0) == x.shape(0), "x and y must have the same number of rows");
        require(!weight || weight->shape(0) == x.shape(0), "x and weight must have the same number of rows");
        if (!records) return;
        const size_t record = records->shape(1);
        require(y && records->shape(0) == x.shape(0), "records need targets, and as many rows as x");
        require(record % 8 == 0 && record <= lanes::max_record && record > x.shape(1) + y->shape(1),
                "a record holds features, targets and weight, filled up to a multiple of 8 and at most 32 floats");
        require(reinterpret_cast<uintptr_t>(records->data()) % 64 == 0, "records must begin on a line of 64 bytes");
    }

    lanes::Data view() const {
        return {x.data(), y ? y->data() : nullptr, weight ? weight->data() : nullptr,
                static_cast<int64_t>(x.shape(1)), y ? static_cast<int64_t>(y->shape(1)) : 0,
                records ? records->data() : nullptr, records ? static_cast<int64_t>(records->shape(1)) : 0};
    }
    int64_t rows() const { return static_cast<int64_t>(x.shape(0)); }
};

struct Objective {
    lanes::Loss loss;
    float delta;
    std::vector<float> quantiles;

    Objective(const std::string& name, float delta_, std::vector<float> quantiles_)
        : loss(loss_of(name)), delta(delta_), quantiles(std::move(quantiles_)) {}

    static lanes::Loss loss_of(const std::string& name) {
        if (name == "huber") return lanes::Loss::huber;
        if (name == "mse") return lanes::Loss::mse;
        if (name == "pinball") return lanes::Loss::pinball;
        throw std::invalid_argument("unknown loss " + name);
    }

    lanes::Objective view(int outputs) const {
        require(loss != lanes::Loss::pinball || quantiles.size() == static_cast<size_t>(outputs),
                "pinball needs one quantile for each output");
        return {loss, delta, quantiles.data()};
    }
};

struct State {
    InOut<float, 2> parameters;
    InOut<float, 2> first_moment;
    InOut<float, 2> second_moment;
    InOut<int64_t, 1> applied;
    InOut<float, 2> trail;

    State(InOut<float, 2> parameters_, InOut<float, 2> first_moment_, InOut<float, 2> second_moment_,
          InOut<int64_t, 1> applied_, InOut<float, 2> trail_)
        : parameters(std::move(parameters_)),
          first_moment(std::move(first_moment_)),
          second_moment(std::move(second_moment_)),
          applied(std::move(applied_)),
          trail(std::move(trail_)) {}

    lanes::State view(const lanes::Program& program, const lanes::Members& members) const {
        const size_t count = members.target.size();
        for (const auto* array : {&parameters, &first_moment, &second_moment})
            require(array->shape(0) == count && array->shape(1) == static_cast<size_t>(program.parameter_count),
                    "the state must hold one row of all parameters for each member");
        require(applied.shape(0) == count, "the state must hold one counter for each member");
        require(trail.shape(0) == count && trail.shape(1) == lanes::trail_length,
                "the state must hold one trail of losses and norms for each member");
        return {parameters.data(), first_moment.data(), second_moment.data(), applied.data(), trail.data()};
    }
};

lanes::State parameters_only(const In<float, 2>& parameters, const lanes::Program& program,
                             const lanes::Members& members) {
    require(parameters.shape(0) == members.target.size() &&
                parameters.shape(1) == static_cast<size_t>(program.parameter_count),
            "parameters must hold one row of all parameters for each member");
    // Evaluation only reads them.
    return {const_cast<float*>(parameters.data()), nullptr, nullptr, nullptr, nullptr};
}

// Members of whom only the number counts: for forecasts.
lanes::Members inert_members(size_t count) {
    return {std::vector<int32_t>(count), std::vector<double>(count),   std::vector<double>(count),
            std::vector<float>(count),   std::vector<uint64_t>(count), std::vector<int32_t>(count)};
}

lanes::Members members_of(std::vector<int32_t> target, std::vector<double> learning_rate,
                          std::vector<double> weight_decay, std::vector<float> dropout_rate,
                          std::vector<uint64_t> dropout_key, std::vector<int32_t> row_offset) {
    const size_t count = target.size();
    require(count > 0, "a population needs at least one member");
    require(learning_rate.size() == count && weight_decay.size() == count && dropout_rate.size() == count &&
                dropout_key.size() == count && row_offset.size() == count,
            "every list of member settings must have one entry for each member");
    for (float rate : dropout_rate) require(rate >= 0.0f && rate < 1.0f, "dropout rates must lie in [0, 1)");
    return {std::move(target),       std::move(learning_rate), std::move(weight_decay),
            std::move(dropout_rate), std::move(dropout_key),   std::move(row_offset)};
}

// How a call runs; changes no result but for the last bits between instruction sets with and without fused products.
struct Run {
    std::string instruction_set;
    int threads;

    lanes::Run view() const {
        require(threads >= 1, "threads must be at least 1");
        return {lanes::instruction_set(instruction_set), threads};
    }
};

// Which steps of an epoch to take: [first, last), after `before` steps in all earlier epochs. `orders` holds one order of
// the epoch's rows for all members, or one for each; they lie in [first_row, last_row), inside which the members' row
// offsets wrap around.
struct Steps {
    std::vector<In<int32_t, 1>> orders;
    int64_t first_row, last_row;
    int64_t before, first, last;
    int64_t log_interval;

    int64_t epoch_rows() const { return static_cast<int64_t>(orders[0].shape(0)); }
    lanes::Steps view() const {
        lanes::Steps steps{{}, before, first, last, log_interval};
        for (const auto& order : orders) steps.orders.push_back(order.data());
        return steps;
    }
};

// What to train: the network, the data, the loss and the members, checked against one another. Python keeps the parts.
struct Job {
    const lanes::Plan& plan;
    const Data& data;
    const Objective& objective;
    const lanes::Settings& settings;
    const lanes::Members& members;

    Job(const lanes::Plan& plan_, const Data& data_, const Objective& objective_, const lanes::Settings& settings_,
        const lanes::Members& members_)
        : plan(plan_), data(data_), objective(objective_), settings(settings_), members(members_) {
        const lanes::Program program = plan.program();
        check_inputs(program, data);
        require(data.y.has_value(), "targets are missing");
        for (int32_t target : members.target)
            require(target >= 0 && target < static_cast<int32_t>(data.y->shape(1)),
                    "a member's target column is missing");
        objective.view(program.outputs);
    }

    static void check_inputs(const lanes::Program& program, const Data& data) {
        require(data.x.shape(1) == static_cast<size_t>(program.inputs), "x must have one column for each input");
    }

    lanes::Job view() const {
        const lanes::Program program = plan.program();
        return {program, objective.view(program.outputs), data.view(), settings, 0, 0, 0};
    }
    // Every row that the places [first, last) can lead to must exist.
    void check_rows(const lanes::Job& job, const std::vector<In<int32_t, 1>>& orders, int64_t first,
                    int64_t last) const {
        require(orders.size() == 1 || orders.size() == members.target.size(),
                "give one order, or one for each member");
        require(job.first_row >= 0 && job.row_count >= 1 && job.first_row + job.row_count <= data.rows(),
                "the range of rows must lie inside x");
        for (int32_t offset : members.row_offset)
            require(offset >= 0 && offset < job.row_count, "row offsets must lie in [0, number of rows)");
        for (const auto& order : orders) {
            require(static_cast<int64_t>(order.shape(0)) == job.epoch_rows, "all orders must have the same length");
            const auto [least, most] = std::minmax_element(order.data() + first, order.data() + last);
            require(first >= last || (*least >= job.first_row && *most < job.first_row + job.row_count),
                    "the order names a row outside its range");
        }
    }
};

lanes::Records train(const Job& job, const State& state, const Steps& steps, const std::vector<int32_t>& active,
                     const Run& run) {
    lanes::Job view = job.view();
    require(!steps.orders.empty(), "give one order, or one for each member");
    view.epoch_rows = steps.epoch_rows();
    view.first_row = steps.first_row;
    view.row_count = steps.last_row - steps.first_row;
    const int64_t batch = job.settings.batch_size, steps_in_epoch = (view.epoch_rows + batch - 1) / batch;
    require(steps.before >= 0 && steps.first >= 0 && steps.first <= steps.last && steps.last <= steps_in_epoch,
            "steps must lie inside the epoch");
    require(steps.log_interval >= 1, "log_interval must be at least 1");
    job.check_rows(view, steps.orders, steps.first * batch, std::min(steps.last * batch, view.epoch_rows));
    for (int32_t member : active)
        require(member >= 0 && static_cast<size_t>(member) < job.members.target.size(), "an active member is missing");
    const lanes::State state_view = state.view(view.program, job.members);
    const lanes::Run run_view = run.view();
    const lanes::Steps steps_view = steps.view();
    nb::gil_scoped_release release;
    return lanes::train(run_view, view, job.members, state_view, active, steps_view);
}

nb::tuple gradient(const Job& job, const In<float, 2>& parameters, const In<int32_t, 1>& order, int64_t step,
                   const Run& run) {
    lanes::Job view = job.view();
    view.epoch_rows = static_cast<int64_t>(order.shape(0));
    view.row_count = job.data.rows();
    require(view.epoch_rows >= 1, "a batch holds at least one row");
    job.check_rows(view, {order}, 0, view.epoch_rows);
    const size_t count = job.members.target.size();
    const auto width = static_cast<size_t>(view.program.parameter_count);
    std::vector<float> loss(count), gradients(count * width);
    lanes::gradient(run.view(), view, job.members, parameters_only(parameters, view.program, job.members),
                    order.data(), step, 0, view.epoch_rows, loss.data(), gradients.data());
    return nb::make_tuple(table(std::move(loss), 1, count), table(std::move(gradients), count, width));
}

void predict(const lanes::Plan& plan, const Data& data, const In<float, 2>& parameters, const InOut<float, 3>& out,
             const Run& run) {
    lanes::Job job{};
    job.program = plan.program();
    job.data = data.view();
    Job::check_inputs(job.program, data);
    const lanes::Members members = inert_members(parameters.shape(0));
    require(out.shape(0) == members.target.size() && static_cast<int64_t>(out.shape(1)) == data.rows() &&
                static_cast<int>(out.shape(2)) == job.program.outputs,
            "out must have the shape (members, rows, outputs)");
    const lanes::State state = parameters_only(parameters, job.program, members);
    const lanes::Run run_view = run.view();
    nb::gil_scoped_release release;
    lanes::predict(run_view, job, members, state, data.rows(), out.data());
}

std::vector<double> evaluate(const Job& job, const In<float, 2>& parameters, std::tuple<int64_t, int64_t> rows,
                             const Run& run) {
    const lanes::Job view = job.view();
    const auto [first, last] = rows;
    require(first >= 0 && first < last && last <= job.data.rows(), "the range of rows must lie inside x");
    const lanes::State state = parameters_only(parameters, view.program, job.members);
    const lanes::Run run_view = run.view();
    nb::gil_scoped_release release;
    return lanes::evaluate(run_view, view, job.members, state, first, last);
}

void shuffle(const InOut<int32_t, 1>& order, const nb::capsule& generator) {
    require(generator.name() && std::string_view(generator.name()) == "BitGenerator",
            "generator must be the capsule of a numpy bit generator");
    nb::gil_scoped_release release;
    lanes::shuffle(order.data(), static_cast<int64_t>(order.shape(0)),
                   *static_cast<const lanes::BitGenerator*>(generator.data()));
}

std::vector<std::tuple<std::string, bool, bool>> instruction_sets() {
    std::vector<std::tuple<std::string, bool, bool>> sets;
    for (const lanes::InstructionSet& set : lanes::instruction_sets())
        sets.emplace_back(set.name, set.supported, set.fused);
    return sets;
}

lanes::Settings settings_of(int64_t batch_size, int64_t warmup_steps, int64_t total_steps, bool cosine,
                            double max_grad_norm, double beta1, double beta2, double epsilon,
                            const lanes::SpikeRule& spikes) {
    require(batch_size >= 1, "batch_size must be at least 1");
    return {batch_size, warmup_steps, total_steps, cosine, max_grad_norm, beta1, beta2, epsilon, spikes};
}

auto skips(std::vector<lanes::Skip> lanes::Records::* member) {
    return [member](const lanes::Records& records) {
        std::vector<std::tuple<int64_t, int32_t>> skips;
        for (const lanes::Skip& skip : records.*member) skips.emplace_back(skip.step, skip.member);
        return skips;
    };
}

template <typename Column>
auto column(Column lanes::Records::* member) {
    return [member](const lanes::Records& records) {
        const size_t segments = records.segment_stop.size();
        const auto& numbers = records.*member;
        return table(numbers, segments, segments ? numbers.size() / segments : 0);
    };
}

}  // namespace

NB_MODULE(_lanes, module) {
    // Python keeps programs in a cache until the process ends: that is no leak to warn of.
    nb::set_leak_warnings(false);
    module.attr("MAX_RECORD") = lanes::max_record;
    module.attr("MAX_DROPOUT_UNITS") = lanes::max_dropout_units;
    module.attr("MAX_DROPOUT_ROWS") = lanes::max_dropout_rows;
    nb::enum_<lanes::Kind> kinds(module, "Kind");
#define LANES_NAME_KIND(name) kinds.value(#name, lanes::Kind::name);
    LANES_KINDS(LANES_NAME_KIND)
#undef LANES_NAME_KIND
    nb::class_<lanes::OpSpec>(module, "Operation")
        .def("__init__", [](lanes::OpSpec* self, lanes::Kind kind, int inputs, int outputs, int weight, int bias,
                            bool rectify, int dropout, float epsilon) {
            new (self) lanes::OpSpec{kind, inputs, outputs, weight, bias, rectify, dropout, epsilon};
        }, nb::kw_only(), "kind"_a, "inputs"_a, "outputs"_a, "weight"_a, "bias"_a, "rectify"_a, "dropout"_a,
             "epsilon"_a);
    nb::class_<lanes::Plan>(module, "Program")
        .def(nb::init<int, const std::vector<lanes::OpSpec>&, int64_t>(), "inputs"_a, "operations"_a,
             "parameter_count"_a);
    nb::class_<Data>(module, "Data")
        .def(nb::init<In<float, 2>, std::optional<In<float, 2>>, std::optional<In<float, 1>>,
                      std::optional<In<float, 2>>>(),
             "x_NF"_a.noconvert(), "y_NT"_a.noconvert().none(), "weight_N"_a.noconvert().none(),
             "records_NR"_a.noconvert().none() = nb::none());
    nb::class_<Objective>(module, "Objective")
        .def(nb::init<const std::string&, float, std::vector<float>>(), "loss"_a, "delta"_a, "quantiles"_a);
    nb::class_<lanes::SpikeRule>(module, "SpikeRule")
        .def("__init__", [](lanes::SpikeRule* self, float limit, float grace, float window, float floor, float bound,
                            float deviation) {
            new (self) lanes::SpikeRule{limit, grace, window, floor, bound, deviation};
        }, nb::kw_only(), "limit"_a, "grace"_a, "window"_a, "floor"_a, "bound"_a, "deviation"_a);
    nb::class_<lanes::Settings>(module, "Settings")
        .def("__init__", [](lanes::Settings* self, int64_t batch_size, int64_t warmup_steps, int64_t total_steps,
                            bool cosine, double max_grad_norm, double beta1, double beta2, double epsilon,
                            const lanes::SpikeRule& spikes) {
            new (self) lanes::Settings(settings_of(batch_size, warmup_steps, total_steps, cosine, max_grad_norm,
                                                   beta1, beta2, epsilon, spikes));
        }, nb::kw_only(), "batch_size"_a, "warmup_steps"_a, "total_steps"_a, "cosine"_a, "max_grad_norm"_a,
             "beta1"_a, "beta2"_a, "epsilon"_a, "spikes"_a);
    nb::class_<lanes::Members>(module, "Members")
        .def_ro("row_offset", &lanes::Members::row_offset)
        .def("__init__", [](lanes::Members* self, std::vector<int32_t> target, std::vector<double> learning_rate,
                            std::vector<double> weight_decay, std::vector<float> dropout_rate,
                            std::vector<uint64_t> dropout_key, std::vector<int32_t> row_offset) {
            new (self) lanes::Members(members_of(std::move(target), std::move(learning_rate), std::move(weight_decay),
                                                 std::move(dropout_rate), std::move(dropout_key),
                                                 std::move(row_offset)));
        }, nb::kw_only(), "target"_a, "learning_rate"_a, "weight_decay"_a, "dropout_rate"_a, "dropout_key"_a,
             "row_offset"_a);
    nb::class_<State>(module, "State")
        .def(nb::init<InOut<float, 2>, InOut<float, 2>, InOut<float, 2>, InOut<int64_t, 1>, InOut<float, 2>>(),
             "parameters_MP"_a.noconvert(), "first_moment_MP"_a.noconvert(), "second_moment_MP"_a.noconvert(),
             "applied_M"_a.noconvert(), "trail_MK"_a.noconvert());
    nb::class_<lanes::Records>(module, "Records")
        .def_ro("segment_stop", &lanes::Records::segment_stop)
        .def_prop_ro("loss_sum_SM", column(&lanes::Records::loss_sum), nb::rv_policy::move)
        .def_prop_ro("norm_sum_SM", column(&lanes::Records::norm_sum), nb::rv_policy::move)
        .def_prop_ro("norm_max_SM", column(&lanes::Records::norm_max), nb::rv_policy::move)
        .def_prop_ro("applied_SM", column(&lanes::Records::applied), nb::rv_policy::move)
        .def_prop_ro("skipped_SM", column(&lanes::Records::skipped), nb::rv_policy::move)
        .def_prop_ro("skips", skips(&lanes::Records::skips))
        .def_prop_ro("spikes", skips(&lanes::Records::spikes));
    nb::class_<Job>(module, "Job")
        .def(nb::init<const lanes::Plan&, const Data&, const Objective&, const lanes::Settings&,
                      const lanes::Members&>(),
             nb::keep_alive<1, 2>(), nb::keep_alive<1, 3>(), nb::keep_alive<1, 4>(), nb::keep_alive<1, 5>(),
             nb::keep_alive<1, 6>(), "program"_a, "data"_a, "objective"_a, "settings"_a, "members"_a);
    nb::class_<Steps>(module, "Steps")
        .def("__init__", [](Steps* self, std::vector<In<int32_t, 1>> orders, std::tuple<int64_t, int64_t> rows,
                            int64_t before, int64_t first, int64_t last, int64_t log_interval) {
            const auto [first_row, last_row] = rows;
            new (self) Steps{std::move(orders), first_row, last_row, before, first, last, log_interval};
        }, nb::kw_only(), "orders"_a, "rows"_a, "before"_a, "first"_a, "last"_a, "log_interval"_a);
    nb::class_<Run>(module, "Run")
        .def("__init__", [](Run* self, std::string instruction_set, int threads) {
            new (self) Run{std::move(instruction_set), threads};
        }, nb::kw_only(), "instruction_set"_a, "threads"_a);
    module.def("instruction_sets", &instruction_sets);
    module.def("train", &train, "job"_a, "state"_a, "steps"_a, "active"_a, "run"_a);
    module.def("gradient", &gradient, "job"_a, "parameters_MP"_a.noconvert(), "order"_a.noconvert(), "step"_a, "run"_a);
    module.def("predict", &predict, "program"_a, "data"_a, "parameters_MP"_a.noconvert(), "out_MNO"_a.noconvert(),
               "run"_a);
    module.def("evaluate", &evaluate, "job"_a, "parameters_MP"_a.noconvert(), "rows"_a, "run"_a);
    module.def("shuffle", &shuffle, "order_N"_a.noconvert(), "generator"_a);
}
