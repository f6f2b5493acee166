"""A reproducible benchmark of speech emotion recognition on unheard voices.

    import benchmark

    benchmark.run("quick", data="corpora")            # train, tune and test models; records in ./results
    boards = benchmark.leaderboard("results")         # kind of audio -> tables with places, overall score
    records, predictions = benchmark.read("results")  # as pandas frames

What each function does is described in `benchmark.api`. Importing this package loads nothing heavy; the
command line is `python -m benchmark`.
"""

from typing import TYPE_CHECKING, Any

from benchmark.version import __version__ as __version__

__all__ = ["compare", "fold_models", "leaderboard", "predict", "read", "run", "verify"]

if TYPE_CHECKING:
    from benchmark.api import compare, fold_models, leaderboard, predict, read, run, verify
else:  # a type checker would take every name for one that there is

    def __getattr__(name: str) -> Any:
        """The public functions, imported when the first of them is asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from benchmark import api

        return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
