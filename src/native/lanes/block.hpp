// A block: one unit of a tile, T samples of W lanes, in as few registers as the machine allows. Wide packs need a register
// for each sample; a narrow pack has several samples in one, so that a member trained alone fills the vector too, with
// samples instead of members. What is computed for a sample and a lane is the same either way, bit for bit.
#pragma once

#include "job.hpp"
#include "vector.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T>
struct Block {
    // Floats of one register. Eight lanes stay by themselves: taking halves out of wider registers costs what it saves.
    static constexpr int width = W >= 8 ? W : W * T < register_floats ? W * T : register_floats;
    static constexpr int samples = width / W;  // samples of one register
    static constexpr int parts = T / samples;
    Float<width> part[parts];
};

// The lanes of `value` once for each sample of a register of V floats.
template <int V, int W>
LANES_INLINE Float<V> repeat(Float<W> value) {
    if constexpr (V == W) return value;
    if constexpr (W == 1) return broadcast<V>(value[0]);
#if defined(__AVX512F__)
    if constexpr (W == 4 && V == 16) return (Float<V>)_mm512_broadcast_f32x4((__m128)value);
    if constexpr (W == 8 && V == 16) return (Float<V>)_mm512_broadcast_f32x8((__m256)value);
#endif
#if defined(__AVX2__)
    if constexpr (W == 4 && V == 8) return (Float<V>)_mm256_set_m128((__m128)value, (__m128)value);
#endif
    Float<V> repeated;
    for (int e = 0; e < V; ++e) repeated[e] = value[e % W];
    return repeated;
}

template <int V, int W>
LANES_INLINE Word<V> repeat_word(Word<W> value) {
    return (Word<V>)repeat<V, W>((Float<W>)value);
}

template <int V, int W>
LANES_INLINE Int<V> repeat_int(Int<W> value) {
    return (Int<V>)repeat<V, W>((Float<W>)value);
}

// The lanes of sample t of a register of V floats.
template <int W, int V>
LANES_INLINE Float<W> slice(Float<V> value, int t) {
    if constexpr (V == W) return value;
#if defined(__AVX512F__)
    if constexpr (W == 4 && V == 16) {
        switch (t) {
            case 0: return (Float<W>)_mm512_extractf32x4_ps((__m512)value, 0);
            case 1: return (Float<W>)_mm512_extractf32x4_ps((__m512)value, 1);
            case 2: return (Float<W>)_mm512_extractf32x4_ps((__m512)value, 2);
            default: return (Float<W>)_mm512_extractf32x4_ps((__m512)value, 3);
        }
    }
#endif
#if defined(__AVX2__)
    if constexpr (W == 4 && V == 8)
        return (Float<W>)(t ? _mm256_extractf128_ps((__m256)value, 1) : _mm256_castps256_ps128((__m256)value));
#endif
    Float<W> lanes;
    for (int e = 0; e < W; ++e) lanes[e] = value[t * W + e];
    return lanes;
}

template <int W, int T>
LANES_INLINE Block<W, T> load_block(const float* from) {
    Block<W, T> block;
    LANES_UNROLL
    for (int p = 0; p < Block<W, T>::parts; ++p) block.part[p] = load<Block<W, T>::width>(from + p * Block<W, T>::width);
    return block;
}

template <int W, int T>
LANES_INLINE Block<W, T> in_register(Block<W, T> block) {
    LANES_UNROLL
    for (int p = 0; p < Block<W, T>::parts; ++p) block.part[p] = in_register<Block<W, T>::width>(block.part[p]);
    return block;
}

template <int W, int T>
LANES_INLINE void store_block(float* to, const Block<W, T>& block) {
    LANES_UNROLL
    for (int p = 0; p < Block<W, T>::parts; ++p) store<Block<W, T>::width>(to + p * Block<W, T>::width, block.part[p]);
}

// Sample t of a block that also lies at `memory`: from the register where it fills one.
template <int W, int T>
LANES_INLINE Float<W> sample(const Block<W, T>& block, const float* memory, int t) {
    if constexpr (Block<W, T>::samples == 1) return block.part[t];
    else return load<W>(memory + t * W);
}

template <int T>
struct Size {
    static constexpr int value = T;
};

// Calls tile(size, row, count) for consecutive tiles of the rows [first, last); `size` carries the samples of a tile in
// its type. `count` of them are rows: the last tile may have fewer than samples, and its other samples count for nothing.
template <int W, typename Each>
LANES_INLINE void for_each_tile(int64_t first, int64_t last, const Each& tile) {
    int64_t row = first;
    if constexpr (tile_rows(W) > 4)
        for (; row + tile_rows(W) <= last; row += tile_rows(W)) tile(Size<tile_rows(W)>{}, row, tile_rows(W));
    for (; row < last; row += 4) tile(Size<4>{}, row, last - row < 4 ? static_cast<int>(last - row) : 4);
}

}  // namespace lanes::LANES_TARGET
