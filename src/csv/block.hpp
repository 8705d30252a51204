// Whole lines of a CSV file to typed columns, or nothing at all where any cell of them needs a closer look.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "layout.hpp"

namespace csv {

// What one column of the file holds; which arrays are filled goes by its kind.
struct Column {
    std::unique_ptr<double[]> numbers;
    std::unique_ptr<int64_t[]> times;
    // Cell `row` of a text column is text[offsets[row]:offsets[row + 1]].
    std::unique_ptr<int64_t[]> offsets;
    std::vector<char> text;
    // Empty cells of a number column; no array where there is none.
    std::unique_ptr<bool[]> missing;
};

// The `lines` lines of `content`, each with exactly the layout's cells; the last may lack its line end.
std::optional<std::vector<Column>> parse_block(const Layout& layout, std::string_view content, int64_t lines);

}  // namespace csv
