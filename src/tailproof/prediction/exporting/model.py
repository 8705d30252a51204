"""A trained model → one ONNX model: from feature values to the forecast return, and what its user must know."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import cast

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from tailproof.features.catalogue import named
from tailproof.models.interactions import Interactions
from tailproof.objectives import Shrinkage
from tailproof.prediction.exporting.graph import Graph
from tailproof.prediction.exporting.network_nodes import add_network
from tailproof.prediction.exporting.returns import add_return
from tailproof.prediction.trained import TrainedModel
from tailproof.scaling import RobustScaler
from tailproof.scaling.robust import CLIP
from tailproof.settings.section import option_name
from tailproof.tasks import RankGaussTransform, RankTransform, RawTransform

OPSET = 17
"""The first operator set with LayerNormalization; onnxruntime has supported it since 1.12."""
IR_VERSION = 8
"""The file format that came with this opset; older runtimes refuse newer ones."""
INPUT = "features"
OUTPUTS = ("prediction", "spread", "predicted_return", "members")


def onnx_model(model: TrainedModel) -> ModelProto:
    """The whole way from unscaled feature values to forecasts, as one graph.

    Input ``features``: float32 (rows, features), any number of rows. Outputs: ``prediction``, ``spread`` and
    ``predicted_return``, double (rows,), as the columns of ``predict``; ``members``, float32 (rows, members). A row
    with a value that is not finite gets NaN throughout.
    """
    graph = Graph()
    known_R1 = _known(graph)
    scaled_RF = _scaled(graph, model.scaler)
    output_MRO = add_network(graph, model.spec, model.parameters, scaled_RF)
    output_RM = graph.add(
        "Transpose", graph.add("Gather", output_MRO, graph.constant(np.int64(0)), axis=2), perm=[1, 0]
    )
    sum_RM = _with_interactions(graph, output_RM, model.network.interactions, scaled_RF)
    shrunk_RM = _shrunk(graph, sum_RM, model.network.shrinkage)
    members = graph.add("Where", known_R1, shrunk_RM, graph.constant(np.float32(np.nan), name="nan"), name="members")
    prediction = _mean_and_spread(graph, members)
    transform = cast(RankTransform | RankGaussTransform | RawTransform, model.transform)
    predicted_return = add_return(graph, transform, prediction)
    # Clipping and comparing need not keep a NaN: it is put back.
    known_R = graph.add("Squeeze", known_R1, graph.constant(np.array([1])))
    graph.add(
        "Where", known_R, predicted_return, graph.constant(np.float64(np.nan), name="nan"), name="predicted_return"
    )
    proto = helper.make_model(
        helper.make_graph(graph.nodes, "tailproof", [_input(model)], _outputs(model), graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="tailproof",
        producer_version=version("tailproof"),
        doc_string=f"{model.sentence}\n\n{_rules(model)}",
    )
    helper.set_model_props(proto, metadata(model))
    return proto


def metadata(model: TrainedModel) -> dict[str, str]:
    """The facts that a user of the file needs, and the run that it came from; nested values are JSON."""
    reading = model.reading.model_dump(mode="json", by_alias=True)
    return {
        "features": json.dumps(model.names),
        "feature_formulas": json.dumps({name: _formula(name) for name in model.names}, ensure_ascii=False),
        "run": model.run.resolve().name,
        "data_fingerprint": model.data_fingerprint,
        "tailproof_version": version("tailproof"),
        "verdict": model.verdict,
        "verdict_sentence": model.sentence,
        "target": model.task.target,
        "horizon_bars": str(model.task.horizon),
        "bar_seconds": f"{model.bar_seconds:g}",
        "seen_to": model.seen_to,
        "bar_rules": _rules(model),
        "reading": json.dumps({option_name(name): value for name, value in reading.items()}),
    }


def _scaled(graph: Graph, scaler: RobustScaler) -> str:
    """The same as ``RobustScaler.transform``, in the same single precision."""
    centred = graph.add("Sub", INPUT, graph.constant(scaler.median_F.astype(np.float32), name="medians"))
    factor_F = (1.0 / (CLIP * scaler.scale_F)).astype(np.float32)
    clipped = graph.add("Tanh", graph.add("Mul", centred, graph.constant(factor_F, name="factors")))
    return graph.add("Mul", clipped, graph.constant(np.float32(CLIP), name="clip"))


def _with_interactions(graph: Graph, output_RM: str, interactions: Interactions, scaled_RF: str) -> str:
    """The outputs plus what ``Interactions.apply`` adds to each of them."""
    if not len(interactions):
        return output_RM
    squashed = graph.add("Tanh", scaled_RF)
    first_RP, second_RP = (
        graph.add("Gather", squashed, graph.constant(np.array(places), name="pairs"), axis=1)
        for places in (interactions.first, interactions.second)
    )
    weight_P1 = graph.constant(np.array(interactions.weight, dtype=np.float32)[:, np.newaxis], name="interactions")
    return graph.add("Add", output_RM, graph.add("MatMul", graph.add("Mul", first_RP, second_RP), weight_P1))


def _shrunk(graph: Graph, output: str, shrinkage: Shrinkage) -> str:
    """The same as ``Shrinkage.apply``, in the same single precision."""
    if shrinkage.slope == 1.0:
        return output
    center = graph.constant(np.float32(shrinkage.center), name="center")
    bold = graph.add("Sub", output, center)
    return graph.add("Add", center, graph.add("Mul", graph.constant(np.float32(shrinkage.slope), name="slope"), bold))


def _known(graph: Graph) -> str:
    """Whether every value of a row is a number, (rows, 1): a NaN is not at most the largest one."""
    largest = graph.constant(np.finfo(np.float32).max, name="largest")
    finite = graph.add("LessOrEqual", graph.add("Abs", INPUT), largest)
    least = graph.add("ReduceMin", graph.add("Cast", finite, to=TensorProto.FLOAT), axes=[1], keepdims=1)
    return graph.add("Cast", least, to=TensorProto.BOOL)


def _mean_and_spread(graph: Graph, members: str) -> str:
    """Adds the outputs ``prediction`` and ``spread``; the first one's name."""
    double_RM = graph.add("Cast", members, to=TensorProto.DOUBLE)
    prediction = graph.add("ReduceMean", double_RM, axes=[1], keepdims=0, name="prediction")
    error_RM = graph.add("Sub", double_RM, graph.add("Unsqueeze", prediction, graph.constant(np.array([1]))))
    variance = graph.add("ReduceMean", graph.add("Mul", error_RM, error_RM), axes=[1], keepdims=0)
    graph.add("Sqrt", variance, name="spread")
    return prediction


def _input(model: TrainedModel) -> ValueInfoProto:
    return helper.make_tensor_value_info(
        INPUT,
        TensorProto.FLOAT,
        ["rows", len(model.names)],
        f"unscaled, NaN where not known; columns: {', '.join(model.names)}",
    )


def _outputs(model: TrainedModel) -> list[ValueInfoProto]:
    double, rows = TensorProto.DOUBLE, ["rows"]
    members = len(next(iter(model.parameters.values())))
    meaning = "mean of the members, in units of the target"
    return [
        helper.make_tensor_value_info("prediction", double, rows, f"{meaning} ({model.task.target})"),
        helper.make_tensor_value_info("spread", double, rows, "standard deviation over the members"),
        helper.make_tensor_value_info("predicted_return", double, rows, "the training return that has this target"),
        helper.make_tensor_value_info("members", TensorProto.FLOAT, ["rows", members], "what each member says"),
    ]


def _formula(name: str) -> str:
    feature = named(name)
    return feature.formula if feature else "not in the catalogue: of the user's own, or of a series that was merged"


def _rules(model: TrainedModel) -> str:
    horizon = model.task.horizon
    end = "that of the next bar" if horizon == 1 else f"that of the {horizon}th bar after it"
    return (
        f"Bars of {model.bar_seconds:g} s. A row holds the features of one bar, each known when that bar is complete; "
        "the forecast can be acted on from then, never earlier. No window of a feature reaches over a break in the "
        "bars, as the run's session-gap or calendar says (see 'reading'); a value of another series is used from when "
        "it was published. A feature that is not known yet is NaN, and so is then the forecast. It is of the return "
        f"from the close of that bar to {end}. Forecasts of bars before {model.seen_to} prove nothing: the model has "
        "seen them."
    )
