"""The source of a small model that is not of the project, in parts that tests may change."""

HEAD = """
from protocols.contract import Features, Info, SklearnModel

def info(name="outsider"):
    return Info(name=name, version="1", title="t", summary="s")
"""
BODY = """
class Outsider(SklearnModel):
    info = info()
    defaults = {"a": 1.0}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))
"""
SPACE = """
    @staticmethod
    def space(trial):
        return {"b": trial.suggest_float("b", 0.0, 1.0)}
"""
