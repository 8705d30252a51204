// What there is to know of a stretch of bytes before it is parsed as lines.
#pragma once

#include <cstdint>
#include <string_view>

namespace csv {

struct Survey {
    int64_t line_ends = 0;
    // Bytes up to and with the last line end.
    int64_t whole = 0;
    // Of the first NUL, or -1.
    int64_t nul = -1;
    bool ascii = true;
};

Survey survey(std::string_view content);

}  // namespace csv
