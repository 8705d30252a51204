// Sums over the samples of a tile for a pack of one lane. Its registers hold several samples of one unit; transposed,
// they hold one sample of several units, and each unit adds its samples in rising order, as the lanes of a wide pack do.
#pragma once

#include "../transpose.hpp"
#include "../views.hpp"

namespace lanes::LANES_TARGET {

template <int W>
constexpr bool transposes = W == 1;

// The samples of some units of a pack of one lane, at most as many as a register has floats; 0 for the rest of it.
template <int T>
struct Transposed {
    static constexpr int V = Block<1, T>::width;
    alignas(64) float memory[T * V];

    LANES_MEMBER Transposed(Units<1, T> values, int units) {
        for (int p = 0; p < Block<1, T>::parts; ++p) {
            Float<V> rows[V];
            LANES_UNROLL
            for (int i = 0; i < V; ++i) rows[i] = i < units ? values.get(i, p) : Float<V>{};
            transpose<V>(rows);
            LANES_UNROLL
            for (int t = 0; t < V; ++t) store<V>(memory + (p * V + t) * V, rows[t]);
        }
    }
    // Sample t of every unit.
    LANES_MEMBER Float<V> sample(int t) const { return load<V>(memory + t * V); }
};

// All bits set in the first `units` lanes.
template <int V>
LANES_INLINE Int<V> first_units(int units) {
    Int<V> number;
    for (int e = 0; e < V; ++e) number[e] = e;
    return number < units;
}

// The first `units` floats at any address; 0 for the rest of the register.
template <int V>
LANES_INLINE Float<V> load_partial(const float* from, int units) {
    if (units == V) return load_unaligned<V>(from);
#if defined(__AVX512F__)
    if constexpr (V == 16) return (Float<V>)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << units) - 1u), from);
#endif
#if defined(__AVX2__)
    if constexpr (V == 8) return (Float<V>)_mm256_maskload_ps(from, (__m256i)first_units<V>(units));
#endif
    Float<V> value{};
    for (int i = 0; i < units; ++i) value[i] = from[i];
    return value;
}

template <int V>
LANES_INLINE void store_partial(float* to, Float<V> value, int units) {
    if (units == V) return store_unaligned<V>(to, value);
#if defined(__AVX512F__)
    if constexpr (V == 16)
        return _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << units) - 1u), (__m512)value);
#endif
    if constexpr (V == 8) {  // piece by piece: some processors are slow to store by a mask
        Float<4> half = slice<4, 8>(value, 0);
        if (units & 4) {
            store_unaligned<4>(to, half);
            to += 4;
            half = slice<4, 8>(value, 1);
        }
        if (units & 2) {
            __builtin_memcpy(to, &half, 2 * sizeof(float));
            to += 2;
            half = __builtin_shufflevector(half, half, 2, 3, 2, 3);
        }
        if (units & 1) *to = half[0];
        return;
    }
    for (int i = 0; i < units; ++i) to[i] = value[i];
}

// Calls each(first, count) for the registers of V floats that hold `units` units, the last one perhaps in part.
template <int V, typename Each>
LANES_INLINE void for_each_partial(int units, const Each& each) {
    for (int first = 0; first < units; first += V) each(first, units - first < V ? units - first : V);
}

// to_i += sum over t of values_it
template <int T>
LANES_SHARED void add_samples(float* to, Units<1, T> values, int units) {
    constexpr int V = Block<1, T>::width;
    for_each_partial<V>(units, [&](int first, int count) LANES_LAMBDA {
        const Transposed<T> transposed(values.from(first), count);
        Float<V> sum = load_partial<V>(to + first, count);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) sum += transposed.sample(t);
        store_partial<V>(to + first, sum, count);
    });
}

// Of a norm: bias gradient_i += sum over t of delta_it, gain gradient_i += sum over t of delta_it normalised_it.
template <int T>
LANES_SHARED void add_samples_and_products(const OpView<1, T>& view, int units) {
    constexpr int V = Block<1, T>::width;
    float* const sum_to = view.bias_gradient().first;
    float* const product_to = view.gain_gradient().first;
    for_each_partial<V>(units, [&](int first, int count) LANES_LAMBDA {
        const Transposed<T> delta(view.delta_out().from(first), count), h(view.normalised().from(first), count);
        Float<V> sum = load_partial<V>(sum_to + first, count), product = load_partial<V>(product_to + first, count);
        LANES_UNROLL
        for (int t = 0; t < T; ++t) {
            const Float<V> here = delta.sample(t);
            sum += here;
            product = multiply_add<V>(here, h.sample(t), product);
        }
        store_partial<V>(sum_to + first, sum, count);
        store_partial<V>(product_to + first, product, count);
    });
}

// O rows of to_oi += sum over t of delta_ot x_it, for the `count` inputs of x that begin where `to` does.
template <int T, int O>
LANES_INLINE void add_outer_rows(LaneMatrix<1> to, Units<1, T> delta, const Transposed<T>& x, int count) {
    constexpr int V = Block<1, T>::width;
    Float<V> sum[O];
    LANES_UNROLL
    for (int o = 0; o < O; ++o) sum[o] = load_partial<V>(to.at(o, 0), count);
    LANES_UNROLL
    for (int t = 0; t < T; ++t) {
        const Float<V> x_t = x.sample(t);
        LANES_UNROLL
        for (int o = 0; o < O; ++o) sum[o] = multiply_add<V>(broadcast<V>(*delta.at(o, t)), x_t, sum[o]);
    }
    LANES_UNROLL
    for (int o = 0; o < O; ++o) store_partial<V>(to.at(o, 0), sum[o], count);
}

// to_oi += sum over t of delta_ot x_it
template <int T>
LANES_SHARED void add_outer(LaneMatrix<1> to, Units<1, T> delta, Units<1, T> x, int outputs) {
    constexpr int V = Block<1, T>::width;
    for_each_partial<V>(to.inputs, [&](int first, int count) LANES_LAMBDA {
        const Transposed<T> transposed(x.from(first), count);
        const LaneMatrix<1> columns{to.at(0, first), to.inputs};
        int o = 0;
        for (; o + 4 <= outputs; o += 4)
            add_outer_rows<T, 4>(columns.from(o), delta.from(o), transposed, count);
        for (; o < outputs; ++o) add_outer_rows<T, 1>(columns.from(o), delta.from(o), transposed, count);
    });
}

}  // namespace lanes::LANES_TARGET
