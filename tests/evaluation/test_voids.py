"""What became of the lines of an evaluation, on a table that can be counted by hand."""

from __future__ import annotations

import pandas as pd

from activities.evaluation.report import outcomes_of_lines

GAME, OFF, EARLIER = "20250110_LAC_PHX", "20250111_HOU_ATL", "20241001_LAC_PHX"

LINES = pd.DataFrame(
    [
        (GAME, 1, 20.5),  # scored 25
        (GAME, 2, 10.0),  # scored 10: a push
        (GAME, 3, 8.5),  # listed, 0 minutes
        (GAME, 4, 9.5),  # no row at all
        (GAME, 5, 7.5),  # played, but too new to be predicted
        (GAME, 6, 6.5),  # a name that nobody could be found for
        (OFF, 7, 15.5),  # the game was postponed
        (EARLIER, 8, 15.5),  # of the run-in
    ],
    columns=["game_id", "player_id", "points_line"],
)
PLAYED = pd.DataFrame(
    [(GAME, 1, 25, 30), (GAME, 2, 10, 20), (GAME, 3, 0, 0), (GAME, 5, 3, 9), (EARLIER, 8, 1, 9)],
    columns=["game_id", "player_id", "points", "minutes_played"],
)


def test_every_line_is_covered_void_or_accounted_for() -> None:
    props = LINES.loc[LINES["game_id"] != EARLIER].assign(resolution="name")
    props.loc[props["player_id"] == 6, "resolution"] = "unresolved"
    predicted = PLAYED.loc[PLAYED["player_id"].isin([1, 2, 8]), ["game_id", "player_id"]]
    assert outcomes_of_lines(LINES, props, PLAYED, predicted) == {
        "void": {"did_not_play": 2, "postponed": 1, "push": 1},
        "coverage": {"lines": 7, "played": 3, "predicted": 2, "unresolved_names": 1},
    }
