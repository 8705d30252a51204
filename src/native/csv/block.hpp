// Whole lines of a CSV file to typed columns, or nothing at all where any cell of them needs a closer look.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "layout.hpp"

namespace csv {

// What one column of the file holds.
struct Column {
    // Where its numbers or times go: memory of the caller, eight bytes a line.
    double* numbers = nullptr;
    int64_t* times = nullptr;
    // Empty cells of a number column; no array where there is none.
    std::unique_ptr<bool[]> missing;
    // Cell `row` of a text column is text[offsets[row]:offsets[row + 1]].
    std::unique_ptr<int64_t[]> offsets;
    std::vector<char> text;
};

// The `lines` lines of `content`, each with exactly the layout's cells; the last may lack its line end. Columns of numbers
// and times, in the order of the layout, are written to `typed`, one after another.
std::optional<std::vector<Column>> parse_block(const Layout& layout, std::string_view content, int64_t lines,
                                               void* typed);

}  // namespace csv
