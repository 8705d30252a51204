#include "block.hpp"

#include <string>

#include "cells.hpp"

namespace csv {

namespace {

class BlockParser {
   public:
    BlockParser(const Layout& layout, int64_t lines, void* typed)
        : layout_(layout), lines_(lines), time_(layout.time) {
        auto* free = static_cast<char*>(typed);
        for (const Kind kind : layout.columns) {
            Column column;
            if (kind == Kind::number) column.numbers = reinterpret_cast<double*>(free);
            if (kind == Kind::time || kind == Kind::epoch) column.times = reinterpret_cast<int64_t*>(free);
            if (is_typed(kind)) free += lines * static_cast<int64_t>(sizeof(double));
            if (kind == Kind::text) {
                column.offsets.reset(new int64_t[static_cast<size_t>(lines) + 1]);
                column.offsets[0] = 0;
            }
            columns_.push_back(std::move(column));
        }
    }

    // Lines from `first` to `last`, which follows a line end; `spare_bytes` behind it can be read.
    bool parse(const char* first, const char* last) {
        for (at_ = first; at_ != last; ++row_)
            if (row_ == lines_ || !parse_line()) return false;
        return true;
    }

    bool is_whole() const { return row_ == lines_; }
    std::vector<Column> take() { return std::move(columns_); }

   private:
    bool parse_line() {
        const size_t width = columns_.size();
        for (size_t place = 0; place < width; ++place) {
            if (!parse_cell(layout_.columns[place], columns_[place])) return false;
            const bool goes_on = place + 1 < width;
            if (!goes_on && *at_ == '\r') ++at_;
            if (*at_ != (goes_on ? layout_.delimiter : '\n')) return false;
            ++at_;
        }
        return true;
    }

    bool parse_cell(Kind kind, Column& column) {
        const bool quoted = *at_ == '"';
        at_ += quoted;
        if (!parse_inside(kind, column, quoted)) return false;
        if (!quoted) return true;
        const bool closed = *at_ == '"';
        at_ += closed;
        return closed;
    }

    bool parse_inside(Kind kind, Column& column, bool quoted) {
        switch (kind) {
            case Kind::number: return parse_number(column);
            case Kind::time: return time_.read(at_, column.times[row_]);
            case Kind::epoch: return read_epoch(at_, layout_.epoch, column.times[row_]);
            case Kind::text: {
                const char* const first = at_;
                skip_text(quoted);
                column.text.insert(column.text.end(), first, at_);
                column.offsets[row_ + 1] = static_cast<int64_t>(column.text.size());
                return true;
            }
            default: skip_text(quoted); return true;
        }
    }

    // A number with spaces around it, NaN, or nothing.
    bool parse_number(Column& column) {
        while (*at_ == ' ') ++at_;
        double& value = column.numbers[row_];
        if (is_digit(*at_) || *at_ == '-' || *at_ == layout_.decimal_mark) {
            if (!read_number(at_, layout_.decimal_mark, value)) return false;
        } else if (*at_ == 'n' || *at_ == 'N') {
            if (!read_nan(value)) return false;
        } else {
            value = 0.0;
            note_missing(column);
        }
        while (*at_ == ' ') ++at_;
        return true;
    }

    bool read_nan(double& value) {
        for (const char letter : {'n', 'a', 'n'}) {
            if ((*at_ | ' ') != letter) return false;
            ++at_;
        }
        value = __builtin_nan("");
        return true;
    }

    void note_missing(Column& column) {
        if (!column.missing) column.missing.reset(new bool[static_cast<size_t>(lines_)]());
        column.missing[row_] = true;
    }

    // Stops at what ends the cell, or at what does not belong into it, which the caller then refuses.
    void skip_text(bool quoted) {
        while (*at_ != '\n' && *at_ != '\r' && *at_ != '"' && (quoted || *at_ != layout_.delimiter)) ++at_;
    }

    const Layout& layout_;
    const int64_t lines_;
    TimeReader time_;
    std::vector<Column> columns_;
    const char* at_ = nullptr;
    int64_t row_ = 0;
};

}  // namespace

std::optional<std::vector<Column>> parse_block(const Layout& layout, std::string_view content, int64_t lines,
                                               void* typed) {
    BlockParser parser(layout, lines, typed);
    // The last lines are parsed where bytes behind them can be read, and the very last has its line end.
    const size_t safe = content.size() < spare_bytes ? 0 : content.size() - spare_bytes;
    const size_t cut = content.substr(0, safe).rfind('\n') + 1;  // 0 where there is no line end
    std::string tail(content.substr(cut));
    if (!tail.empty() && tail.back() != '\n') tail += '\n';
    const size_t end = tail.size();
    tail.append(spare_bytes, '\n');
    if (!parser.parse(content.data(), content.data() + cut)) return std::nullopt;
    if (!parser.parse(tail.data(), tail.data() + end) || !parser.is_whole()) return std::nullopt;
    return parser.take();
}

}  // namespace csv
