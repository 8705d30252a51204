"""Runs in an MLflow tracking server, by its own client."""

from __future__ import annotations

import http.client
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from tailproof.core.errors import ConfigError
from tailproof.core.events import RunStarted
from tailproof.core.extras import extra
from tailproof.core.surface import setting
from tailproof.report.writers.curves import Outcome, Point

EXPERIMENT = "tailproof"
METRICS_A_REQUEST = 1000
PARAMS_A_REQUEST = 100
MAX_PARAM_LENGTH = 6000
SECONDS_TO_ANSWER = 5.0
SILENCING = ("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "MLFLOW_DISABLE_TELEMETRY")
"""Set where the user has not: standard output is the run's, and nothing is sent but to the address that was given."""
STATES: dict[Outcome, str] = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


class MlflowWriter:
    """Writes to the server at ``address``, into the experiment named by MLFLOW_EXPERIMENT_NAME, else ``tailproof``.

    Settings become parameters; curves become metrics such as ``fold-1/train_loss``; the verdict's word and sentence
    become tags, its rank IC and skill metrics.

    Raises:
        ConfigError: the package is not installed, or nothing answers at the address.
    """

    name = "MLflow"

    def __init__(self, address: str) -> None:
        for variable in SILENCING:
            os.environ.setdefault(variable, "true")
        with extra("mlflow", needed_by=setting("mlflow")):
            from mlflow.tracking import MlflowClient
        refuse_silence(address)
        try:
            self._client = MlflowClient(address)
        except Exception as error:  # mlflow's own, of many kinds: all of them say that this address cannot be used
            raise ConfigError(
                f"{setting('mlflow', address)}: cannot be used ({error}). Give the address of a server."
            ) from error
        self._run = ""

    def start(self, run: RunStarted) -> None:
        """Make the run, with the settings as its parameters."""
        from mlflow.entities import Param

        config = run.config
        tags = {
            "mlflow.source.name": "tailproof",
            "data_fingerprint": config["data_fingerprint"],
            "engine": config["engine"],
        }
        self._run = self._client.create_run(self._experiment(), run_name=run.name, tags=tags).info.run_id
        values = {**config["settings"], "data": config["data"]}
        params = [Param(name, str(value)[:MAX_PARAM_LENGTH]) for name, value in values.items()]
        for first in range(0, len(params), PARAMS_A_REQUEST):
            self._client.log_batch(self._run, params=params[first : first + PARAMS_A_REQUEST])

    def write(self, points: Sequence[Point]) -> None:
        """Send points as metrics, a thousand a request."""
        from mlflow.entities import Metric

        metrics = [Metric(f"{each.part}/{each.curve}", each.value, int(each.time * 1000), each.step) for each in points]
        for first in range(0, len(metrics), METRICS_A_REQUEST):
            self._client.log_batch(self._run, metrics=metrics[first : first + METRICS_A_REQUEST])

    def finish(self, outcome: Outcome, verdict: Mapping[str, Any] | None) -> None:
        """Send the verdict, and end the run."""
        from mlflow.entities import Metric, RunTag

        if verdict is not None:
            now = int(time.time() * 1000)
            known = {name: verdict[name] for name in ("rank_ic", "skill_vs_constant") if verdict[name] is not None}
            self._client.log_batch(
                self._run,
                metrics=[Metric(name, value, now, 0) for name, value in known.items()],
                tags=[RunTag("verdict", verdict["verdict"]), RunTag("mlflow.note.content", verdict["sentence"])],
            )
        self._client.set_terminated(self._run, STATES[outcome])

    def _experiment(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        experiment = self._client.get_experiment_by_name(name)
        return str(experiment.experiment_id if experiment else self._client.create_experiment(name))


def refuse_silence(address: str) -> None:
    """Ask a server for its health once: mlflow's client would try again for minutes before it gives up."""
    if re.fullmatch(r"[\w.-]+:\d+(/.*)?", address):
        raise ConfigError(f"{setting('mlflow')} must be a whole address, got {address}. Did you mean http://{address}?")
    if not address.casefold().startswith(("http://", "https://")):
        return
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/health", timeout=SECONDS_TO_ANSWER):
            return
    except urllib.error.HTTPError as error:
        error.close()  # it answers; the client will find out what it allows
    except (OSError, http.client.HTTPException, ValueError) as error:  # nobody, no web server, no address
        raise ConfigError(
            f"{setting('mlflow', address)}: no server answers there ({error or type(error).__name__}). Start one with "
            "'mlflow server', or correct the address."
        ) from error
