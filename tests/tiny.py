"""A recipe small enough that a run takes a tenth of a second."""

TINY = ("data=synthetic", "epochs=1", "batch=128", "model.dim=8", "model.depth=1", "model.heads=2")
HERE = "hydra/launcher=basic"  # in this process, where a test can see and change things
