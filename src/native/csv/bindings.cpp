// The module tailproof._csv: checks what Python gives, lets go of the interpreter lock, and parses.
// What each function does and means is said in src/tailproof/_csv.pyi.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>

#include "block.hpp"
#include "survey.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using Content = nb::ndarray<const uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

using Typed = nb::ndarray<double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

void require(bool holds, const std::string& what) {
    if (!holds) throw std::invalid_argument(what);
}

csv::Kind kind_of(const std::string& name) {
    if (name == "skip") return csv::Kind::skip;
    if (name == "text") return csv::Kind::text;
    if (name == "number") return csv::Kind::number;
    if (name == "time") return csv::Kind::time;
    if (name == "epoch") return csv::Kind::epoch;
    throw std::invalid_argument("there is no kind of column " + name);
}

csv::Layout layout_of(const std::string& delimiter, const std::string& decimal_mark,
                      const std::vector<std::string>& columns, const std::string& time_pattern,
                      std::tuple<uint64_t, uint64_t, int64_t> epoch) {
    require(delimiter.size() == 1 && std::string(",;\t|").find(delimiter) != std::string::npos,
            "delimiter must be one of , ; tab |");
    require(decimal_mark == "." || decimal_mark == ",", "decimal_mark must be . or ,");
    require(decimal_mark != delimiter, "decimal_mark and delimiter must differ");
    require(!columns.empty(), "a line needs at least one column");
    csv::Layout layout{delimiter[0], decimal_mark[0], {}, csv::TimeForm(time_pattern), {}};
    for (const std::string& name : columns) layout.columns.push_back(kind_of(name));
    std::tie(layout.epoch.low, layout.epoch.high, layout.epoch.scale) = epoch;
    require(layout.epoch.scale > 0 && layout.epoch.high <= uint64_t{INT64_MAX} / uint64_t(layout.epoch.scale),
            "times since 1970 must fit into 64 bits of nanoseconds");
    return layout;
}

std::string_view view(const Content& content) { return {reinterpret_cast<const char*>(content.data()), content.size()}; }

template <typename Number>
nb::object array(std::unique_ptr<Number[]> numbers, size_t count) {
    Number* const memory = numbers.release();
    nb::capsule owner(memory, [](void* owned) noexcept { delete[] static_cast<Number*>(owned); });
    return nb::cast(nb::ndarray<nb::numpy, Number, nb::ndim<1>>(memory, {count}, owner));
}

nb::object array(std::vector<char> text) {
    auto* const owned = new std::vector<char>(std::move(text));
    nb::capsule owner(owned, [](void* memory) noexcept { delete static_cast<std::vector<char>*>(memory); });
    auto* const bytes = reinterpret_cast<uint8_t*>(owned->data());
    return nb::cast(nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>>(bytes, {owned->size()}, owner));
}

nb::object to_python(csv::Kind kind, csv::Column column, size_t lines) {
    if (kind == csv::Kind::text)
        return nb::make_tuple(array(std::move(column.text)), array(std::move(column.offsets), lines + 1));
    return column.missing ? array(std::move(column.missing), lines) : nb::none();
}

nb::object parse_block(const csv::Layout& layout, const Content& content, const Typed& typed) {
    const auto count = std::count_if(layout.columns.begin(), layout.columns.end(), csv::is_typed);
    require(static_cast<int64_t>(typed.shape(0)) == count, "typed must have one row for each number or time column");
    const size_t lines = typed.shape(1);
    std::optional<std::vector<csv::Column>> columns;
    {
        nb::gil_scoped_release release;
        columns = csv::parse_block(layout, view(content), static_cast<int64_t>(lines), typed.data());
    }
    if (!columns) return nb::none();
    nb::list found;
    for (size_t place = 0; place < columns->size(); ++place)
        found.append(to_python(layout.columns[place], std::move((*columns)[place]), lines));
    return found;
}

std::tuple<int64_t, int64_t, int64_t, bool> survey(const Content& content) {
    const csv::Survey found = csv::survey(view(content));
    return {found.line_ends, found.whole, found.nul, found.ascii};
}

}  // namespace

NB_MODULE(_csv, module) {
    nb::class_<csv::Layout>(module, "Layout")
        .def("__init__", [](csv::Layout* self, const std::string& delimiter, const std::string& decimal_mark,
                            const std::vector<std::string>& columns, const std::string& time_pattern,
                            std::tuple<uint64_t, uint64_t, int64_t> epoch) {
            new (self) csv::Layout(layout_of(delimiter, decimal_mark, columns, time_pattern, epoch));
        }, nb::kw_only(), "delimiter"_a, "decimal_mark"_a, "columns"_a, "time_pattern"_a, "epoch"_a);
    module.def("survey", &survey, "content"_a);
    module.def("parse_block", &parse_block, "layout"_a, "content"_a, "typed_CN"_a.noconvert());
}
