import pytest

from tailproof.core.errors import ConfigError
from tailproof.models.spec import Dropout, LayerNorm, Linear, NetSpec, PiecewiseLinear, Residual, robust_financial_net


def test_the_original_network_has_299_parameters() -> None:
    spec = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer")
    assert spec.parameter_count == 299
    assert spec.describe() == (
        "LayerNorm(5) → Linear(5, 16) → LayerNorm(16) → ReLU → Dropout(0.1) → Linear(16, 8) → LayerNorm(8) → ReLU → "
        "Dropout(0.1) → Linear(8, 1) → Sigmoid"
    )


def test_residual_blocks_follow_each_hidden_layer_and_are_named_as_nested_layers() -> None:
    spec = robust_financial_net(inputs=3, hidden_dims=(4, 2), dropout_rate=0.0, residual_blocks=2)
    assert sum(isinstance(layer, Residual) for layer in spec.layers) == 4
    assert spec.parameter_shapes["4.2.weight"] == (4, 4)
    assert spec.outputs == 1


def test_a_linear_path_leads_from_the_inputs_around_the_hidden_layers() -> None:
    spec = robust_financial_net(inputs=3, hidden_dims=(4,), dropout_rate=0.0, linear_path=True, outputs=2)
    assert spec.describe() == (
        "Linear(3, 2)(x) + (Linear(3, 4) → LayerNorm(4) → ReLU → Dropout(0) → Linear(4, 2))(x) → Sigmoid"
    )
    assert spec.parameter_shapes["0.shortcut.weight"] == (2, 3)
    assert spec.parameter_count == 34 + 8


def test_an_embedding_comes_before_the_layers_and_leaves_their_names() -> None:
    embedding = PiecewiseLinear(edges=((0.0, 1.0, 2.0), (0.0, 1.0)))
    spec = NetSpec(inputs=2, embedding=embedding, layers=(Linear(inputs=3, outputs=1),))
    assert spec.describe() == "PiecewiseLinear(2, 3) → Linear(3, 1)"
    assert spec.parameter_shapes == {"0.weight": (1, 3), "0.bias": (1,)}
    assert (spec.inputs, spec.width, spec.outputs) == (2, 3, 1)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Linear(inputs=4, outputs=2), LayerNorm(width=3)), r"layer 1 \(LayerNorm\(3\)\) takes 3"),
        ((Residual(layers=(Linear(inputs=5, outputs=4),)),), "input of width 5 to an output of width 4"),
        ((Residual(layers=(Linear(inputs=6, outputs=5),)),), r"layer 0\.0 .* takes 6"),
        (
            (Residual(layers=(Linear(inputs=5, outputs=4),), shortcut=Linear(inputs=5, outputs=3)),),
            "input of width 3 to an output of width 4",
        ),
        (
            (Residual(layers=(Linear(inputs=5, outputs=4),), shortcut=Linear(inputs=6, outputs=4)),),
            r"layer 0\.shortcut\.0 .* takes 6",
        ),
    ],
)
def test_widths_that_do_not_chain_are_refused_by_name(layers: tuple, message: str) -> None:
    inputs = 4 if len(layers) == 2 else 5
    with pytest.raises(ConfigError, match=message):
        NetSpec(inputs=inputs, layers=layers)


def test_a_dropout_rate_of_one_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"must lie in \[0, 1\), got 1"):
        Dropout(rate=1.0)
