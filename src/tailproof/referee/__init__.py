"""Models from outside under the same verdict: fitted anew for every fold and placebo, judged by the same code."""
