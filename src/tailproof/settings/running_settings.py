"""Where a run computes and what it shows."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from tailproof.settings.section import Effect, SettingsSection

PrecisionChoice = Literal["auto", "fp32", "bf16", "fp16"]


class RunningSettings(SettingsSection):
    """Where a run computes and what it shows. The engine that ran is recorded and compared, not the one asked for."""

    effect: ClassVar[Effect] = Effect.NOTHING

    engine: Literal["auto", "lanes", "torch"] = Field(
        "auto", description="lanes (native, CPU), torch (any device), or whichever is faster on this job."
    )
    threads: int = Field(0, ge=0, description="Threads of the lanes engine; 0 = all there are. Changes no result.")
    device: str = Field(
        "auto",
        description="Torch device: cpu, cuda (also ROCm), cuda:1, ...; auto = all accelerators, which share members.",
    )
    precision: PrecisionChoice = Field(
        "auto", description="Precision of torch's products in training: fp32, bf16, fp16; auto = bf16 on accelerators."
    )
    log_interval: int = Field(1000, ge=1, description="Steps between two lines of metrics.jsonl.")
    verbose: bool = Field(default=False, description="Show all the log, and log a line every log-interval steps.")
