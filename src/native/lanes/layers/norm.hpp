// LayerNorm over the units of each sample, fused with the ReLU and Dropout that follow it where `rectify` is set.
// Derivation of the backward pass: docs/math/layer_norm.md.
#pragma once

#include "../random.hpp"
#include "../views.hpp"
#include "sample_sums.hpp"

namespace lanes::LANES_TARGET {

template <int W, int T>
struct Moments {
    Block<W, T> mean;
    Block<W, T> inverse;  // 1 / standard deviation
};

// Of each sample over `width` units; leaves the values less their mean in `centred`, which may lie where `in` does. Each of
// the two sums waits for its own last addition, and much of the processor is free meanwhile: `beside_sum` and
// `beside_squares` are called for every unit to do what needs neither.
template <int W, int T, typename BesideSum, typename BesideSquares>
LANES_INLINE Moments<W, T> moments(Units<W, T> in, Units<W, T> centred, const Op& op, const BesideSum& beside_sum,
                                   const BesideSquares& beside_squares) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    Moments<W, T> found;
    const Float<V> share = broadcast<V>(1.0f / static_cast<float>(op.inputs));
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) found.mean.part[p] = Float<V>{};
    for (int i = 0; i < op.inputs; ++i) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) found.mean.part[p] += in.get(i, p);
        beside_sum(i);
    }
    Float<V> square[parts];
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) {
        found.mean.part[p] *= share;
        square[p] = Float<V>{};
    }
    for (int i = 0; i < op.inputs; ++i) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            const Float<V> c = in.get(i, p) - found.mean.part[p];
            centred.set(i, p, c);
            square[p] = multiply_add<V>(c, c, square[p]);
        }
        beside_squares(i);
    }
    LANES_UNROLL
    for (int p = 0; p < parts; ++p)
        found.inverse.part[p] = 1.0f / square_root<V>(multiply_add<V>(square[p], share, broadcast<V>(op.epsilon)));
    return found;
}

template <int W, int T, bool rectify, bool drop>
LANES_INLINE void norm_forward(const OpView<W, T>& view, const TileDropout<W>& dropout) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const Units<W, T> normalised = view.normalised(), out = view.out();
    const LaneArray<W> gain = view.gain(), bias = view.bias();
    // What dropout drops waits where the outputs will be.
    DropMasks<W, T, 0, parts / 2> first_masks(dropout, view.op.dropout);
    DropMasks<W, T, parts / 2, parts> last_masks(dropout, view.op.dropout);
    const Moments<W, T> found = moments<W, T>(
        view.in(), normalised, view.op,
        [&](int i) LANES_LAMBDA {
            if constexpr (drop) first_masks.next(out.at(i));
        },
        [&](int i) LANES_LAMBDA {
            if constexpr (drop) last_masks.next(out.at(i));
        });
    view.inverse().set_block(0, found.inverse);
    const Float<V> scale = repeat<V, W>(dropout.step.scale);
    for (int i = 0; i < view.op.inputs; ++i) {
        const Float<V> gamma = repeat<V, W>(gain.get(i)), beta = repeat<V, W>(bias.get(i));
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            const Float<V> h = normalised.get(i, p) * found.inverse.part[p];
            normalised.set(i, p, h);
            Float<V> z = multiply_add<V>(h, gamma, beta);
            if constexpr (rectify) z = rectified<V>(z);
            if constexpr (drop) z = keep<V>(~(Int<V>)out.get(i, p), z * scale);
            out.set(i, p, z);
        }
    }
}

// The tile's share of the gradients of the gain and the bias of one unit, added register by register; a pack of one lane
// adds its own before (sample_sums.hpp).
template <int W, int T>
struct NormGradient {
    static constexpr int V = Block<W, T>::width, samples = Block<W, T>::samples;
    Float<W> gain, bias;

    LANES_MEMBER NormGradient(const OpView<W, T>& view, int i)
        : gain(view.gain_gradient().get(i)), bias(view.bias_gradient().get(i)) {}
    LANES_MEMBER void add(const Float<V>& delta, const Float<V>& h) {
        if constexpr (transposes<W>) return;
        LANES_UNROLL
        for (int t = 0; t < samples; ++t) {
            const Float<W> d_t = slice<W, V>(delta, t);
            gain = multiply_add<W>(d_t, slice<W, V>(h, t), gain);
            bias += d_t;
        }
    }
    LANES_MEMBER void store(const OpView<W, T>& view, int i) const {
        if constexpr (transposes<W>) return;
        view.gain_gradient().set(i, gain);
        view.bias_gradient().set(i, bias);
    }
};

// With `rectify`, a value passed the gate exactly where the output is not 0; `scale` is what dropout multiplied it by.
// Turns delta (gradient of the output) into the gradient of the input in place, where that is wanted.
template <int W, int T, bool rectify>
LANES_INLINE void norm_backward(const OpView<W, T>& view, Float<W> scale) {
    constexpr int V = Block<W, T>::width, parts = Block<W, T>::parts;
    const int width = view.op.inputs;
    const Units<W, T> normalised = view.normalised(), out = view.out(), delta = view.delta_out();
    const LaneArray<W> gain = view.gain();
    const Float<V> repeated_scale = repeat<V, W>(scale);
    Float<V> sum[parts], product[parts];
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) sum[p] = product[p] = Float<V>{};
    const auto passed = [&](int i, int p) LANES_LAMBDA {
        const Float<V> d = delta.get(i, p);
        return rectify ? keep<V>(out.get(i, p) != Float<V>{}, d * repeated_scale) : d;
    };
    if constexpr (transposes<W>) {
        for (int i = 0; i < width; ++i) {
            LANES_UNROLL
            for (int p = 0; p < parts; ++p) delta.set(i, p, passed(i, p));
        }
        add_samples_and_products<T>(view, width);
    }
    for (int i = 0; i < width; ++i) {
        const Float<V> gamma = repeat<V, W>(gain.get(i));
        NormGradient<W, T> gradient(view, i);
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            const Float<V> h = normalised.get(i, p);
            Float<V> d = transposes<W> ? delta.get(i, p) : passed(i, p);
            gradient.add(d, h);
            d *= gamma;
            sum[p] += d;
            product[p] = multiply_add<V>(d, h, product[p]);
            delta.set(i, p, d);
        }
        gradient.store(view, i);
    }
    if (!view.op.wants_delta_in) return;
    const Float<V> share = broadcast<V>(1.0f / static_cast<float>(width));
    const Block<W, T> inverse = view.inverse().block(0);
    LANES_UNROLL
    for (int p = 0; p < parts; ++p) {
        sum[p] *= share;
        product[p] *= -share;
    }
    for (int i = 0; i < width; ++i) {
        LANES_UNROLL
        for (int p = 0; p < parts; ++p) {
            const Float<V> centred = delta.get(i, p) - sum[p];
            delta.set(i, p, multiply_add<V>(normalised.get(i, p), product[p], centred) * inverse.part[p]);
        }
    }
}

}  // namespace lanes::LANES_TARGET
