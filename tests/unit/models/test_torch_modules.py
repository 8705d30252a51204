import numpy as np
import torch

from tailproof.models.initialise import initial_parameters, initial_population
from tailproof.models.piecewise_linear import embedded
from tailproof.models.spec import Linear, NetSpec, PiecewiseLinear, robust_financial_net
from tailproof.models.torch_modules import build_module, module_parameters

SPEC = robust_financial_net(inputs=5, hidden_dims=(16, 8), dropout_rate=0.1, input_norm="layer", residual_blocks=1)


def test_the_module_has_the_parameters_of_the_spec() -> None:
    shapes = {name: tuple(value.shape) for name, value in build_module(SPEC).state_dict().items()}
    assert shapes == SPEC.parameter_shapes


def test_parameters_come_back_from_the_module_as_they_went_in() -> None:
    parameters = initial_parameters(SPEC, np.random.default_rng(0))
    back = module_parameters(build_module(SPEC, parameters))
    for name, value in parameters.items():
        np.testing.assert_array_equal(back[name], value)


def test_residual_block_adds_its_input() -> None:
    spec = robust_financial_net(inputs=4, hidden_dims=(4,), dropout_rate=0.0, residual_blocks=1)
    block = build_module(spec)[4]
    for parameter in block.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.randn(3, 4)
    torch.testing.assert_close(block(x), x)


def test_initial_weights_have_the_range_of_torch() -> None:
    drawn = initial_population(SPEC, [np.random.default_rng(seed) for seed in range(200)])
    bound = 1.0 / np.sqrt(5)
    assert drawn["1.weight"].shape == (200, 16, 5)
    assert np.abs(drawn["1.weight"]).max() <= bound
    np.testing.assert_allclose(drawn["1.weight"].std(), bound / np.sqrt(3), rtol=0.02)


def test_an_embedding_computes_the_same_bits_and_has_no_part_in_the_state() -> None:
    embedding = PiecewiseLinear(edges=((-1.0, 0.1, 0.7), (0.0, 1.0), (-0.3, 0.4, 1.1, 2.0)))
    module = build_module(NetSpec(inputs=3, embedding=embedding, layers=(Linear(inputs=6, outputs=1),)))
    x_NF = np.random.default_rng(0).standard_normal((500, 3)).astype(np.float32)
    x_NF[0, 0] = np.nan
    expected_NK = embedded(NetSpec(inputs=3, embedding=embedding, layers=(Linear(inputs=6, outputs=1),)), x_NF)[1]
    np.testing.assert_array_equal(module.embedding(torch.from_numpy(x_NF)).numpy(), expected_NK)
    assert list(module.state_dict()) == ["0.weight", "0.bias"]
