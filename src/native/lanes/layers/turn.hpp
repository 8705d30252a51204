// Sums over the samples of a tile for a pack of one lane. Its registers hold several samples of one unit; turned, they
// hold one sample of several units, and each unit adds its samples in rising order, as the lanes of a wide pack do.
#pragma once

#include "../block.hpp"
#include "../transpose.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T>
constexpr bool turns = W == 1 && T > 1;

// turned[t][i] = values[i][t] for `units` units, at most as many as a register has floats; 0 for the rest of a register.
template <int T>
LANES_INLINE void turn(const float* values, int units, float* turned) {
    constexpr int V = Block<1, T>::width;
    for (int p = 0; p < Block<1, T>::parts; ++p) {
        Float<V> rows[V];
        LANES_UNROLL
        for (int i = 0; i < V; ++i) rows[i] = i < units ? load<V>(values + i * T + p * V) : Float<V>{};
        transpose<V>(rows);
        LANES_UNROLL
        for (int t = 0; t < V; ++t) store<V>(turned + (p * V + t) * V, rows[t]);
    }
}

// The first `units` floats at any address; 0 for the rest of the register.
template <int V>
LANES_INLINE Float<V> load_some(const float* from, int units) {
    if (units == V) return load_unaligned<V>(from);
#if defined(__AVX512F__)
    if constexpr (V == 16) return (Float<V>)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << units) - 1u), from);
#endif
    Float<V> value{};
    for (int i = 0; i < units; ++i) value[i] = from[i];
    return value;
}

template <int V>
LANES_INLINE void store_some(float* to, Float<V> value, int units) {
    if (units == V) return store_unaligned<V>(to, value);
#if defined(__AVX512F__)
    if constexpr (V == 16)
        return _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << units) - 1u), (__m512)value);
#endif
    for (int i = 0; i < units; ++i) to[i] = value[i];
}

// How many of `units` units lie in the register that begins with unit `first`.
template <int V>
LANES_INLINE int units_in_register(int units, int first) {
    return units - first < V ? units - first : V;
}

// to_i += sum over t of values_it
template <int T>
LANES_INLINE void add_samples(float* to, const float* values, int units) {
    constexpr int V = Block<1, T>::width;
    for (int first = 0; first < units; first += V) {
        const int count = units_in_register<V>(units, first);
        alignas(64) float turned[T * V];
        turn<T>(values + first * T, count, turned);
        Float<V> sum = load_some<V>(to + first, count);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) sum += load<V>(turned + t * V);
        store_some<V>(to + first, sum, count);
    }
}

// to_i += sum over t of a_it b_it, and sum_i += sum over t of a_it
template <int T>
LANES_INLINE void add_samples_and_products(float* sum_to, float* product_to, const float* a, const float* b,
                                           int units) {
    constexpr int V = Block<1, T>::width;
    for (int first = 0; first < units; first += V) {
        const int count = units_in_register<V>(units, first);
        alignas(64) float turned_a[T * V], turned_b[T * V];
        turn<T>(a + first * T, count, turned_a);
        turn<T>(b + first * T, count, turned_b);
        Float<V> sum = load_some<V>(sum_to + first, count), product = load_some<V>(product_to + first, count);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const Float<V> here = load<V>(turned_a + t * V);
            sum += here;
            product = multiply_add<V>(here, load<V>(turned_b + t * V), product);
        }
        store_some<V>(sum_to + first, sum, count);
        store_some<V>(product_to + first, product, count);
    }
}

// Rows [o, o + O) of to_oi += sum over t of delta_ot x_it, for the units of one turned register.
template <int T, int O>
LANES_INLINE void add_outer_rows(float* to, int64_t stride, const float* delta, const float* turned, int count) {
    constexpr int V = Block<1, T>::width;
    Float<V> sum[O];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) sum[o] = load_some<V>(to + o * stride, count);
    LANES_UNROLL
    for (int t = 0; t < T; ++t) {
        const Float<V> x = load<V>(turned + t * V);
        LANES_UNROLL
        for (int o = 0; o < O; ++o) sum[o] = multiply_add<V>(broadcast<V>(delta[o * T + t]), x, sum[o]);
    }
    LANES_UNROLL
    for (int o = 0; o < O; ++o) store_some<V>(to + o * stride, sum[o], count);
}

// to_oi += sum over t of delta_ot x_it
template <int T>
LANES_INLINE void add_outer(float* to, const float* delta, const float* x, int inputs, int outputs) {
    constexpr int V = Block<1, T>::width;
    for (int first = 0; first < inputs; first += V) {
        const int count = units_in_register<V>(inputs, first);
        alignas(64) float turned[T * V];
        turn<T>(x + first * T, count, turned);
        int o = 0;
        for (; o + 4 <= outputs; o += 4)
            add_outer_rows<T, 4>(to + static_cast<int64_t>(o) * inputs + first, inputs, delta + o * T, turned, count);
        for (; o < outputs; ++o)
            add_outer_rows<T, 1>(to + static_cast<int64_t>(o) * inputs + first, inputs, delta + o * T, turned, count);
    }
}

}  // namespace lanes::LANES_TARGET
