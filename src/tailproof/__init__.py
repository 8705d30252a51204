"""Train neural networks on financial bars: stably, honestly and fast."""
