// The most float32 arithmetic one core does: independent chains of fused multiply-add that stay in registers.
// Prints one line for each width of vector: lanes, GFLOP/s (a fused multiply-add counts as two).
// Built by fma_peak.py with -O3 -march=native; this is a measurement, not a part of what is shipped.
#include <chrono>
#include <cstdio>

typedef float Four __attribute__((vector_size(16)));
typedef float Eight __attribute__((vector_size(32)));
typedef float Sixteen __attribute__((vector_size(64)));

template <typename Vector>
double gigaflops() {
    constexpr int chains = 10;  // more than latency x throughput (4 x 2) needs, few enough for 16 registers
    const long rounds = 20'000'000;
    Vector sum[chains];
    for (int c = 0; c < chains; ++c) sum[c] = Vector{} + static_cast<float>(c + 1);
    Vector factor = Vector{} + 0.9999f, term = Vector{} + 0.0001f;
    const auto started = std::chrono::steady_clock::now();
    for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 10
        for (int c = 0; c < chains; ++c) sum[c] = sum[c] * factor + term;
    }
    const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - started;
    float kept = 0.0f;
    for (int c = 0; c < chains; ++c) kept += sum[c][0];
    volatile float seen = kept;
    (void)seen;
    return 2.0 * (sizeof(Vector) / 4) * chains * static_cast<double>(rounds) / lasted.count() * 1e-9;
}

int main() {
    std::printf("4 %.3f\n", gigaflops<Four>());
#ifdef __AVX__
    std::printf("8 %.3f\n", gigaflops<Eight>());
#endif
#ifdef __AVX512F__
    std::printf("16 %.3f\n", gigaflops<Sixteen>());
#endif
}
