"""Names that other programs give to what is a setting here, where the nearest spelling of ours would be another one."""

OTHER_NAMES = {
    "batch": "batch_size",
    "dropout": "dropout_rate",
    "hidden": "hidden_dims",
    "lr": "learning_rate",
    "n_splits": "folds",
    "output": "out",
    "output_dir": "out",
    "random_state": "seed",
    "wd": "weight_decay",
}
"""The setting, or the argument of ``train``, by each of its other names."""
OTHER_ARGUMENTS = {"cv": "splitter", "estimator": "model", "y": "target"}
"""The argument of ``train`` and ``judge`` in Python by its name in scikit-learn."""
