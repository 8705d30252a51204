#include "survey.hpp"

#include <algorithm>

namespace csv {

Survey survey(std::string_view content) {
    // So few that a sum of zeros and ones fits into a byte: the compiler then takes 16 bytes or more at a step.
    constexpr size_t stretch = 240;
    Survey found;
    bool nul = false;
    uint8_t bits = 0;
    for (size_t first = 0; first < content.size(); first += stretch) {
        const size_t last = std::min(first + stretch, content.size());
        uint8_t ends = 0, nuls = 0;
        for (size_t at = first; at < last; ++at) {
            const auto byte = static_cast<uint8_t>(content[at]);
            ends = static_cast<uint8_t>(ends + (byte == '\n'));
            nuls |= static_cast<uint8_t>(byte == 0);
            bits |= byte;
        }
        found.line_ends += ends;
        nul |= nuls != 0;
    }
    found.whole = static_cast<int64_t>(content.rfind('\n') + 1);  // 0 where there is none
    if (nul) found.nul = static_cast<int64_t>(content.find('\0'));
    found.ascii = bits < 0x80;
    return found;
}

}  // namespace csv
