// Arrays between Python and the engine, and the error where they do not fit.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <stdexcept>
#include <vector>

namespace nb = nanobind;

template <typename Number, int dimensions>
using In = nb::ndarray<const Number, nb::ndim<dimensions>, nb::c_contig, nb::device::cpu>;
template <typename Number, int dimensions>
using InOut = nb::ndarray<Number, nb::ndim<dimensions>, nb::c_contig, nb::device::cpu>;
template <typename Number, int dimensions>
using Out = nb::ndarray<nb::numpy, Number, nb::ndim<dimensions>>;

inline void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

template <typename Number>
Out<Number, 2> table(std::vector<Number> numbers, size_t rows, size_t columns) {
    auto* owned = new std::vector<Number>(std::move(numbers));
    nb::capsule owner(owned, [](void* memory) noexcept { delete static_cast<std::vector<Number>*>(memory); });
    return Out<Number, 2>(owned->data(), {rows, columns}, owner);
}
