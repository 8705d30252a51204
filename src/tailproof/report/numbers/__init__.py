"""Small computations over forecasts and histories, on arrays alone."""
