"""Networks as data: layer records, their initial weights, and (in torch_modules) their torch form."""

from tailproof.models.initialise import initial_parameters, initial_population
from tailproof.models.spec import NetSpec, robust_financial_net

__all__ = ["NetSpec", "initial_parameters", "initial_population", "robust_financial_net"]
