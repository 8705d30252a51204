#include "layout.hpp"

#include <stdexcept>

namespace csv {

namespace {

using What = TimePart::What;

TimePart directive(char letter) {
    switch (letter) {
        case 'Y': return {What::year, 0};
        case 'm': return {What::month, 0};
        case 'd': return {What::day, 0};
        case 'H': return {What::hour, 0};
        case 'M': return {What::minute, 0};
        case 'S': return {What::second, 0};
        case 'z': return {What::offset, 0};
        default: throw std::invalid_argument(std::string("a time cannot be read with %") + letter);
    }
}

std::vector<TimePart> parts_of(const std::string& pattern) {
    std::vector<TimePart> parts;
    for (size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '%') {
            parts.push_back({What::literal, pattern[at]});
        } else if (pattern.compare(at, 3, "%.f") == 0) {
            at += 2;  // a second may have a fraction in any case
        } else if (++at < pattern.size()) {
            parts.push_back(directive(pattern[at]));
        } else {
            throw std::invalid_argument("a pattern of times ends in %");
        }
    }
    return parts;
}

int width_of(const TimePart& part) { return part.what == What::year ? 4 : part.what == What::literal ? 1 : 2; }

bool is_slow(const TimePart& part) {
    return part.what == What::year || part.what == What::month || part.what == What::day || part.what == What::hour;
}

}  // namespace

TimeForm::TimeForm(const std::string& pattern) {
    const std::vector<TimePart> parts = parts_of(pattern);
    size_t kept = 0;
    for (size_t at = 0; at < parts.size(); ++at)
        if (is_slow(parts[at])) kept = at + 1;
    slow.assign(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(kept));
    quick.assign(parts.begin() + static_cast<std::ptrdiff_t>(kept), parts.end());
    for (const TimePart& part : slow) {
        if (!is_slow(part) && part.what != What::literal) throw std::invalid_argument("a time must fall from year to second");
        slow_width += width_of(part);
    }
}

}  // namespace csv
