"""A student of the small network beside it."""

from dataclasses import replace

import small_network

from protocols.contract import Info


class SmallStudent(small_network.SmallNetwork):
    info = Info(
        name="small-student",
        version="1",
        title="A small student",
        summary="It learns to give its teacher's features.",
        needs={"teacher": "small_network.py"},
    )

    @staticmethod
    def recipe(params):
        plain = small_network.SmallNetwork.recipe(params)
        return replace(plain, distillation=1.0, distillation_epochs=3)
