// One SIMD vector: lane e belongs to member e of a pack. Every operation treats all lanes alike, so what a lane holds
// after it depends on that lane alone. Compiled once per instruction set (see kernel.cpp).
//
// Products are fused with sums only where multiply_add says so (the build forbids any other contraction): two
// instruction sets with fused multiply-add therefore give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

// The header of all instruction sets takes a second to read: only where it is needed.
#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace lanes::LANES_TARGET {

template <int W>
struct Lanes {
    typedef float Float __attribute__((vector_size(W * 4)));
    typedef int32_t Int __attribute__((vector_size(W * 4)));
    typedef uint32_t Word __attribute__((vector_size(W * 4)));
};
template <int W>
using Float = typename Lanes<W>::Float;
template <int W>
using Int = typename Lanes<W>::Int;
template <int W>
using Word = typename Lanes<W>::Word;

// Floats of the widest register.
#if defined(__AVX512F__)
constexpr int register_floats = 16;
#elif defined(__AVX2__)
constexpr int register_floats = 8;
#else
constexpr int register_floats = 4;
#endif

#define LANES_INLINE static inline __attribute__((always_inline))
#define LANES_MEMBER inline __attribute__((always_inline))
// Code that several callers share: compiled once, which halves the compile time; a call is nothing beside a tile.
#define LANES_SHARED __attribute__((noinline))
#define LANES_LAMBDA __attribute__((always_inline))
// Inner loops have compile-time bounds and must be unrolled completely, or their sums would live in memory.
#define LANES_UNROLL _Pragma("GCC unroll 16")

template <int W>
LANES_INLINE Float<W> broadcast(float value) {
    return value - Float<W>{};  // not a sum: it would lose the sign of -0
}

template <int W>
LANES_INLINE Float<W> load(const float* from) {
    return *reinterpret_cast<const Float<W>*>(from);
}

template <int W>
LANES_INLINE void store(float* to, Float<W> value) {
    *reinterpret_cast<Float<W>*>(to) = value;
}

// At an address that may be no multiple of the register.
template <int W>
LANES_INLINE Float<W> load_unaligned(const float* from) {
    Float<W> value;
    __builtin_memcpy(&value, from, sizeof(value));
    return value;
}

template <int W>
LANES_INLINE void store_unaligned(float* to, Float<W> value) {
    __builtin_memcpy(to, &value, sizeof(value));
}

// The value, in a register: of a value that is used several times GCC makes an operand in memory each time, and there are
// fewer loads in a cycle than operands of multiplications.
template <int W>
LANES_INLINE Float<W> in_register(Float<W> value) {
#if defined(__SSE2__)
    if constexpr (W >= 4) asm("" : "+v"(value));
#elif defined(__aarch64__)
    if constexpr (W >= 4) asm("" : "+w"(value));
#endif
    return value;
}

// a * b + c, rounded once where the machine can, twice on the x86-64 baseline.
template <int W>
LANES_INLINE Float<W> multiply_add(Float<W> a, Float<W> b, Float<W> c) {
#if defined(__AVX512F__)
    if constexpr (W == 16) return (Float<W>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#endif
#if defined(__FMA__)
    if constexpr (W == 8) return (Float<W>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
    if constexpr (W == 4) return (Float<W>)_mm_fmadd_ps((__m128)a, (__m128)b, (__m128)c);
    if constexpr (W == 1) return Float<W>{__builtin_fmaf(a[0], b[0], c[0])};
#endif
#if defined(__aarch64__)
    if constexpr (W == 4) return (Float<W>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
    if constexpr (W == 1) return Float<W>{__builtin_fmaf(a[0], b[0], c[0])};
#endif
    return a * b + c;
}

template <int W>
LANES_INLINE Float<W> square_root(Float<W> value) {
#if defined(__AVX512F__)
    if constexpr (W == 16) return (Float<W>)_mm512_sqrt_ps((__m512)value);
#endif
#if defined(__AVX__)
    if constexpr (W == 8) return (Float<W>)_mm256_sqrt_ps((__m256)value);
#endif
#if defined(__SSE2__)
    if constexpr (W == 4) return (Float<W>)_mm_sqrt_ps((__m128)value);
#elif defined(__aarch64__)
    if constexpr (W == 4) return (Float<W>)vsqrtq_f32((float32x4_t)value);
#endif
    Float<W> root;
    for (int lane = 0; lane < W; ++lane) root[lane] = __builtin_sqrtf(value[lane]);
    return root;
}

// `value` where all bits of the mask are set, 0 where none is.
template <int W>
LANES_INLINE Float<W> keep(Int<W> mask, Float<W> value) {
    return (Float<W>)(mask & (Int<W>)value);
}

// max(0, value); a NaN stays, and so does -0.
template <int W>
LANES_INLINE Float<W> rectified(Float<W> value) {
#if defined(__AVX512F__)
    if constexpr (W == 16) return (Float<W>)_mm512_max_ps(__m512{}, (__m512)value);
#endif
#if defined(__AVX__)
    if constexpr (W == 8) return (Float<W>)_mm256_max_ps(__m256{}, (__m256)value);
#endif
#if defined(__SSE2__)
    if constexpr (W == 4) return (Float<W>)_mm_max_ps(__m128{}, (__m128)value);
#endif
    return value < 0.0f ? Float<W>{} : value;
}

// All bits set where the value is neither NaN nor infinite.
template <int W>
LANES_INLINE Int<W> is_finite(Float<W> value) {
    return (value - value) == Float<W>{};
}

// exp(x) to about one unit in the last place: x = n ln 2 + r with |r| <= ln 2 / 2, exp(r) by a polynomial of degree 6
// (coefficients of the Cephes library's expf), times 2^n. NaN stays NaN; beyond +-87 the result is held at exp(+-87).
template <int W>
LANES_INLINE Float<W> exponential(Float<W> x) {
    const float limit = 87.0f;
    x = x > limit ? broadcast<W>(limit) : x;
    x = x < -limit ? broadcast<W>(-limit) : x;
    const Float<W> shift = broadcast<W>(12582912.0f);  // 1.5 * 2^23: adding it rounds to a whole number
    const Float<W> shifted = multiply_add<W>(x, broadcast<W>(1.44269504f), shift);
    const Float<W> n = shifted - shift;
    Float<W> r = multiply_add<W>(n, broadcast<W>(-0.693359375f), x);
    r = multiply_add<W>(n, broadcast<W>(2.12194440e-4f), r);
    Float<W> p = broadcast<W>(1.9875691500e-4f);
    p = multiply_add<W>(p, r, broadcast<W>(1.3981999507e-3f));
    p = multiply_add<W>(p, r, broadcast<W>(8.3334519073e-3f));
    p = multiply_add<W>(p, r, broadcast<W>(4.1665795894e-2f));
    p = multiply_add<W>(p, r, broadcast<W>(1.6666665459e-1f));
    p = multiply_add<W>(p, r, broadcast<W>(5.0000001201e-1f));
    p = multiply_add<W>(p, r * r, r) + 1.0f;
    const Int<W> exponent = (Int<W>)shifted - (Int<W>)shift;
    return p * (Float<W>)((exponent + 127) << 23);
}

}  // namespace lanes::LANES_TARGET
