"""How training went: losses beside the constant's, gradients, learning rate, skipped steps."""

from __future__ import annotations

import numpy as np

from tailproof.objectives.schedule import default_warmup, schedule_factor
from tailproof.report.figures.chart import Axis, Band, Chart, Columns, Line, Mark, Rule
from tailproof.report.findings import number
from tailproof.report.numbers.history import history, member_mean
from tailproof.report.numbers.thin import Thinned, bucket_means
from tailproof.report.run_record import RunRecord

BUCKETS = 160
MAX_MEMBERS = 32
"""More members than this are drawn as the band between the lowest and the highest."""
LOSS = "Huber loss, units of the target squared"


def training_charts(run: RunRecord) -> list[Chart]:
    """Every figure of training for which there are records."""
    charts = [
        _loss(run, "validation_loss", "Validation loss", "after each epoch, dropout off", "constant_validation_loss"),
        _loss(run, "train_loss", "Training loss", "over each epoch, dropout on", "constant_train_loss"),
        _steps(run),
        _gradients(run),
        _learning_rate(run),
        _skipped(run),
    ]
    return [chart for chart in charts if chart is not None]


def _loss(run: RunRecord, field: str, title: str, when: str, constant: str) -> Chart | None:
    past = history(run.epochs, field, at="epoch")
    if not np.isfinite(past.value_KM).any():
        return None
    marks = _members(past.at_K, past.value_KM)
    beside = number(run.facts.get("training", {}).get(constant))
    if np.isfinite(beside):
        marks.insert(0, Rule(name=f"the constant, {beside:.6f}", value=beside))
    return Chart(
        key=field.replace("_", "-"),
        title=title,
        reading=f"{_who(past.value_KM)} {when}; below the dashed line of the constant the network is closer than one "
        "fixed number.",
        limits="How far a loss falls from its first value says nothing: any start falls to the constant's line.",
        x=Axis(label="epoch", whole=True, low=float(past.at_K[0]) - 0.1, high=float(past.at_K[-1]) + 0.1),
        y=Axis(label=LOSS),
        marks=tuple(marks),
    )


def _who(value_KM: np.ndarray) -> str:
    """The legend of the marks drawn by ``_members``: a single epoch is a dot, not a line."""
    epochs, members = value_KM.shape
    mark = "line" if epochs > 1 else "dot"
    if members == 1:
        return f"The {mark} is the loss"
    others = f"the faint {mark}s each member" if members <= MAX_MEMBERS else "the band all members"
    return f"The strong {mark} is the mean of the members, {others},"


def _members(x_K: np.ndarray, value_KM: np.ndarray) -> list[Mark]:
    members = value_KM.shape[1]
    mean = Line(name="mean of members" if members > 1 else "loss", x_K=x_K, y_K=member_mean(value_KM))
    if members == 1:
        return [mean]
    if members > MAX_MEMBERS:
        known_KM = np.isfinite(value_KM)
        low_K = np.where(known_KM, value_KM, np.inf).min(axis=1)
        high_K = np.where(known_KM, value_KM, -np.inf).max(axis=1)
        return [Band(name=f"lowest to highest of {members} members", x_K=x_K, low_K=low_K, high_K=high_K), mean]
    thin = [
        Line(name=f"member {member + 1}", x_K=x_K, y_K=value_KM[:, member], role="thin")
        for member in range(members)
        if np.isfinite(value_KM[:, member]).any()
    ]
    return [*thin, mean]


def _steps(run: RunRecord) -> Chart | None:
    past = history(run.intervals, "loss", at="step")
    if len(past.at_K) < 3:
        return None
    thin = bucket_means(past.at_K, past.value_KM, buckets=BUCKETS)
    marks: list[Mark] = [*_room("lowest to highest member", thin), Line(name="mean", x_K=thin.x_K, y_K=thin.mean_K)]
    room = ", with the room between the lowest and the highest" if len(marks) > 1 else ""
    beside = number(run.facts.get("training", {}).get("constant_train_loss"))
    if np.isfinite(beside):
        marks.insert(0, Rule(name=f"the constant, {beside:.6f}", value=beside))
    return Chart(
        key="loss-steps",
        title="Training loss along the way",
        reading=f"Mean loss between two log lines{room}; a jump that does not come back would be an instability.",
        limits="Each point covers other rows, so its wiggle is mostly the market's, not the network's.",
        x=Axis(label="step", whole=True),
        y=Axis(label=LOSS),
        marks=tuple(marks),
    )


def _room(name: str, thin: Thinned) -> list[Mark]:
    """The band between lowest and highest; none where each point is one value, as of a single member."""
    if np.array_equal(thin.low_K, thin.high_K):
        return []
    return [Band(name=name, x_K=thin.x_K, low_K=thin.low_K, high_K=thin.high_K)]


def _gradients(run: RunRecord) -> Chart | None:
    mean = history(run.intervals, "grad_norm_mean", at="step")
    high = history(run.intervals, "grad_norm_max", at="step")
    if len(mean.at_K) < 3 or not np.isfinite(mean.value_KM).any():
        return None
    middle = bucket_means(mean.at_K, mean.value_KM, buckets=BUCKETS)
    top = bucket_means(high.at_K, high.value_KM, buckets=BUCKETS)
    return Chart(
        key="gradients",
        title="Gradient norms",
        reading="The thick line is the mean norm before clipping, the upper one the largest of any step and member; an "
        "explosion would stand out as a spike.",
        limits="A calm gradient says that training was stable, not that it learned anything.",
        x=Axis(label="step", whole=True),
        y=Axis(label="Euclidean norm of the gradient", low=0.0),
        marks=(
            *_room("lowest to highest member's mean", middle),
            Line(name="largest of any step", x_K=top.x_K, y_K=top.high_K, role="other"),
            Line(name="mean", x_K=middle.x_K, y_K=middle.mean_K),
        ),
    )


def _learning_rate(run: RunRecord) -> Chart | None:
    settings, steps = run.settings, [record["steps"] for record in run.epochs if record.get("first_member", 0) == 0]
    if not steps or "warmup-steps" not in settings:
        return None
    total, warmup_setting = steps[0] * settings["epochs"], settings["warmup-steps"]
    warmup = default_warmup(total) if warmup_setting is None else warmup_setting
    step_K = np.unique(np.r_[np.linspace(1, total, BUCKETS), min(max(warmup, 1), total)].astype(int))
    rate_K = settings["learning-rate"] * np.array(
        [
            schedule_factor(int(step), warmup_steps=warmup, total_steps=total, schedule=settings["schedule"])
            for step in step_K
        ]
    )
    return Chart(
        key="learning-rate",
        title="Learning rate",
        reading=f"The schedule of the settings: a rise over the first {warmup:,} applied steps, then "
        f"{settings['schedule']}.",
        limits="Skipped steps would move it to the right, and early stopping would cut it off; neither is drawn.",
        x=Axis(label="applied step", whole=True),
        y=Axis(label="learning rate", low=0.0),
        marks=(Line(name="learning rate", x_K=step_K.astype(float), y_K=rate_K),),
    )


def _skipped(run: RunRecord) -> Chart | None:
    past = history(run.epochs, "skipped", at="epoch")
    total_K = np.nansum(past.value_KM, axis=1)
    if not total_K.any():
        return None
    return Chart(
        key="skipped",
        title="Skipped steps",
        reading="Steps of all members skipped because a loss or gradient was not finite; there should be none.",
        limits="The rows behind each skipped step stand in metrics.jsonl, not here.",
        x=Axis(label="epoch", whole=True),
        y=Axis(label="steps skipped", whole=True, low=0.0),
        marks=(
            Columns(name="skipped", left_K=past.at_K - 0.4, right_K=past.at_K + 0.4, height_K=total_K, role="other"),
        ),
    )
