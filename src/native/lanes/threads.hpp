// Runs a piece of work on several threads, with numbers too small for a normal float32 counted as zero.
#pragma once

#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace lanes {

// Subnormal numbers (below 1.2e-38) carry no information here, but moments of silent units decay into them, and some
// machines then run a hundred times slower. Flushed for the lifetime of this object, on its thread only.
class SubnormalsAreZero {
public:
#if defined(__x86_64__)
    SubnormalsAreZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040u); }
    ~SubnormalsAreZero() { _mm_setcsr(before_); }
#elif defined(__aarch64__)
    SubnormalsAreZero() {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        asm volatile("msr fpcr, %0" : : "r"(before_ | (uint64_t{1} << 24)));
    }
    ~SubnormalsAreZero() { asm volatile("msr fpcr, %0" : : "r"(before_)); }
#else
    SubnormalsAreZero() = default;
#endif
    SubnormalsAreZero(const SubnormalsAreZero&) = delete;
    SubnormalsAreZero& operator=(const SubnormalsAreZero&) = delete;

private:
#if defined(__x86_64__)
    unsigned before_;
#elif defined(__aarch64__)
    uint64_t before_;
#endif
};

// Calls work(0) ... work(threads - 1), the first on the calling thread. Work must not throw.
template <typename Work>
void on_threads(int threads, const Work& work) {
    const auto body = [&work](int number) noexcept {
        const SubnormalsAreZero flush;
        work(number);
    };
    std::vector<std::thread> others;
    others.reserve(static_cast<size_t>(threads > 1 ? threads - 1 : 0));
    int started = 1;
    try {
        for (; started < threads; ++started) others.emplace_back(body, started);
    } catch (const std::system_error&) {
        // The system gives no more threads: this one does their share, with the same result.
    }
    body(0);
    for (int number = started; number < threads; ++number) body(number);
    for (std::thread& other : others) other.join();
}

}  // namespace lanes
