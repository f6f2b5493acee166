"""A small network of which the search decides whether a clip's level is removed."""

from small_network import SmallNetwork

from protocols.contract import Features, Info


class LevelNetwork(SmallNetwork):
    info = Info(name="level-network", version="1", title="A small network", summary="With or without level.")
    defaults = {**SmallNetwork.defaults, "level": "kept"}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", options={"hop": 640}, seconds=1.0, level=params["level"])

    @staticmethod
    def space(trial):
        level = trial.suggest_categorical("level", ["kept", "removed"])
        return {**SmallNetwork.space(trial), "level": level}
