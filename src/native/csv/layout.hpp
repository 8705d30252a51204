// How the lines of a CSV file are laid out: what each column holds and how its times are written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace csv {

enum class Kind { skip, text, number, time, epoch };

// Whether a cell of this kind becomes eight bytes.
inline bool is_typed(Kind kind) { return kind != Kind::skip && kind != Kind::text; }

// One piece of a time, of fixed width but for the fraction of a second.
struct TimePart {
    enum class What { year, month, day, hour, minute, second, offset, literal } what;
    char literal;
};

// A strptime pattern in pieces. Those through the hour change seldom from row to row: they are read once and kept.
struct TimeForm {
    std::vector<TimePart> slow;
    std::vector<TimePart> quick;
    int slow_width = 0;

    // Throws std::invalid_argument for a directive that is none of %Y %m %d %H %M %S %.f %z.
    explicit TimeForm(const std::string& pattern);
    TimeForm() = default;
};

// Whole numbers of [low, high) since 1970, each of `scale` nanoseconds.
struct EpochForm {
    uint64_t low = 0, high = 0;
    int64_t scale = 1;
};

struct Layout {
    char delimiter;
    char decimal_mark;
    std::vector<Kind> columns;
    TimeForm time;
    EpochForm epoch;
};

}  // namespace csv
