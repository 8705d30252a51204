// One cell at a time. Each reader moves `at` behind what it took and answers whether that was a cell it is sure about.
// Every line ends with '\n', which no reader passes: it is neither digit nor mark. `spare_bytes` behind the last line
// may be read, whatever they hold.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

#include "layout.hpp"

namespace csv {

inline bool is_digit(char character) { return static_cast<unsigned char>(character - '0') < 10; }

// Powers of ten that a double holds exactly.
inline constexpr double exact_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
inline constexpr int most_exact_ten = 22;
inline constexpr uint64_t most_exact_whole = uint64_t{1} << 53;
inline constexpr int digits_of_64_bits = 19;
inline constexpr int most_exponent = 400;

inline constexpr int spare_bytes = 8;

// The next eight bytes, the first in the lowest place.
inline uint64_t load_word(const char* at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

// The highest bit of each byte that is no digit, in a word from which eight '0' were taken by exclusive or.
inline uint64_t others_in(uint64_t word) {
    return (((word & 0x7F7F7F7F7F7F7F7F) + 0x7676767676767676) | word) & 0x8080808080808080;
}

// Eight digits, the first in the lowest place, as a number (Lemire, "Number parsing at a gigabyte per second", 2021).
inline uint64_t eight_digits(uint64_t word) {
    word = word * 10 + (word >> 8);
    return (((word & 0x000000FF000000FF) * 0x000F424000000064) +
            (((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
}

// Takes digits into `whole` and answers how many there were; more than 19 overflow.
inline int64_t take_digits(const char*& at, uint64_t& whole) {
    const char* const first = at;
    for (; is_digit(*at); ++at) whole = whole * 10 + static_cast<uint64_t>(*at - '0');
    return at - first;
}

// A number such as 3000.25 that ends, with what follows it, inside one word: most prices. False, and nothing moved, for
// any other. Both ends are found at once and no branch depends on how many digits there are.
inline bool read_short_number(const char*& at, char decimal_mark, uint64_t& whole, int& decimals) {
    uint64_t word = load_word(at) ^ 0x3030303030303030;
    const uint64_t others = others_in(word);
    const uint64_t behind = others & (others - 1);
    if (behind == 0) return false;
    const int mark = __builtin_ctzll(others) / 8, end = __builtin_ctzll(behind) / 8;
    if (mark == 0 || at[mark] != decimal_mark) return false;
    const uint64_t before_mark = (uint64_t{1} << (8 * mark)) - 1;
    word = (word & before_mark) | ((word >> 8) & ~before_mark);
    word <<= 64 - 8 * (end - 1);  // zeros in front, and what stood behind the end goes
    whole = eight_digits(word);
    decimals = end - mark - 1;
    at += end;
    return true;
}

// Digits with a mark inside, read by the standard library: right to the last bit, and slower.
inline bool read_exactly(const char* first, const char* last, char decimal_mark, double& value) {
    std::string text(first, last);
    if (const size_t mark = text.find(decimal_mark); mark != std::string::npos) text[mark] = '.';
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

// [-]digits[.digits][e[+-]digits] as the double nearest to it.
//
// A whole number below 2^53 and a power of ten up to 10^22 are both doubles, so that one product or quotient of them is
// rounded once (Clinger, "How to read floating point numbers accurately", 1990). All other numbers are read exactly.
inline bool read_number(const char*& at, char decimal_mark, double& value) {
    const char* const first = at;
    const bool negative = *at == '-';
    at += negative;
    uint64_t whole = 0;
    if (int decimals; read_short_number(at, decimal_mark, whole, decimals) && *at != 'e' && *at != 'E') {
        const double size = static_cast<double>(whole) / exact_tens[decimals];
        value = negative ? -size : size;
        return true;
    }
    at = first + negative;
    whole = 0;
    int64_t count = take_digits(at, whole), exponent = 0;
    if (*at == decimal_mark) {
        ++at;
        exponent = -take_digits(at, whole);
        count -= exponent;
    }
    if (count == 0) return false;
    if (*at == 'e' || *at == 'E') {
        ++at;
        const bool falls = *at == '-';
        at += *at == '-' || *at == '+';
        if (!is_digit(*at)) return false;
        int64_t given = 0;
        for (; is_digit(*at); ++at) given = given < most_exponent ? given * 10 + (*at - '0') : given;
        exponent += falls ? -given : given;
    }
    if (count > digits_of_64_bits || whole > most_exact_whole || exponent > most_exact_ten ||
        exponent < -most_exact_ten)
        return read_exactly(first, at, decimal_mark, value);
    const double size = static_cast<double>(whole);
    const double read = exponent < 0 ? size / exact_tens[-exponent] : size * exact_tens[exponent];
    value = negative ? -read : read;
    return true;
}

inline bool read_digits(const char*& at, int count, int& value) {
    int read = 0;
    for (; count > 0; --count, ++at) {
        if (!is_digit(*at)) return false;
        read = read * 10 + (*at - '0');
    }
    value = read;
    return true;
}

inline bool read_epoch(const char*& at, const EpochForm& form, int64_t& time_ns) {
    uint64_t whole = 0;
    if (take_digits(at, whole) > digits_of_64_bits || whole < form.low || whole >= form.high) return false;
    time_ns = static_cast<int64_t>(whole) * form.scale;
    return true;
}

// Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", 2021).
inline int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    const int64_t era = year / 400;
    const int64_t year_of_era = year - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

inline int days_in_month(int year, int month) {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Reads times of one form; remembers the text of the last date and hour.
class TimeReader {
   public:
    explicit TimeReader(const TimeForm& form) : form_(form) {}

    // Nanoseconds since 1970, fractions of a second cut to microseconds.
    bool read(const char*& at, int64_t& time_ns) {
        if (!is_known(at)) {
            if (!read_slow(at)) return false;
        } else {
            at += known_.size();
        }
        time_ns = known_ns_;
        for (const TimePart& part : form_.quick)
            if (!read_quick(part, at, time_ns)) return false;
        return true;
    }

   private:
    static constexpr int64_t second_ns = 1'000'000'000;
    // 64 bits of nanoseconds since 1970 reach from 1677 to 2262.
    static constexpr int first_year = 1678, last_year = 2261;

    // Compares up to the first difference, so that it stops at a line end.
    bool is_known(const char* at) const {
        return !known_.empty() && std::strncmp(at, known_.data(), known_.size()) == 0;
    }

    bool read_slow(const char*& at) {
        const char* const first = at;
        int year = 1970, month = 1, day = 1, hour = 0;
        for (const TimePart& part : form_.slow) {
            bool read = false;
            switch (part.what) {
                case TimePart::What::year: read = read_digits(at, 4, year); break;
                case TimePart::What::month: read = read_digits(at, 2, month); break;
                case TimePart::What::day: read = read_digits(at, 2, day); break;
                case TimePart::What::hour: read = read_digits(at, 2, hour); break;
                default: read = *at == part.literal; at += read;
            }
            if (!read) return false;
        }
        if (year < first_year || year > last_year || month < 1 || month > 12) return false;
        if (day < 1 || day > days_in_month(year, month) || hour > 23) return false;
        known_.assign(first, at);
        known_ns_ = (days_from_civil(year, month, day) * 24 + hour) * 3600 * second_ns;
        return true;
    }

    static bool read_quick(const TimePart& part, const char*& at, int64_t& time_ns) {
        int value = 0;
        switch (part.what) {
            case TimePart::What::minute:
                if (!read_digits(at, 2, value) || value > 59) return false;
                time_ns += value * 60 * second_ns;
                return true;
            case TimePart::What::second:
                if (!read_digits(at, 2, value) || value > 59) return false;
                time_ns += value * second_ns;
                return *at != '.' || read_fraction(++at, time_ns);
            case TimePart::What::offset: return read_offset(at, time_ns);
            default: {
                const bool same = *at == part.literal;
                at += same;
                return same;
            }
        }
    }

    static bool read_fraction(const char*& at, int64_t& time_ns) {
        const char* const first = at;
        int64_t worth = second_ns / 10;
        for (; is_digit(*at); ++at, worth /= 10)
            if (worth >= 1000) time_ns += (*at - '0') * worth;
        return at != first && at - first <= 9;
    }

    static bool read_offset(const char*& at, int64_t& time_ns) {
        const bool west = *at == '-';
        if (!west && *at != '+') return false;
        ++at;
        int hours = 0, minutes = 0;
        if (!read_digits(at, 2, hours)) return false;
        at += *at == ':';
        if (!read_digits(at, 2, minutes) || hours > 23 || minutes > 59) return false;
        const int64_t offset_ns = (hours * 60 + minutes) * 60 * second_ns;
        time_ns += west ? offset_ns : -offset_ns;
        return true;
    }

    const TimeForm& form_;
    std::string known_;
    int64_t known_ns_ = 0;
};

}  // namespace csv
