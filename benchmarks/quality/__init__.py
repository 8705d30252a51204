"""How well the default network forecasts beside ridge, LightGBM and scikit-learn's MLP."""
