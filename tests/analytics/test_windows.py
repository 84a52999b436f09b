from datetime import date

import numpy as np
import pandas as pd

from activities.analytics.windows import History


def _games(*days: str, points: list[int] | None = None, entity: int = 1) -> pd.DataFrame:
    return pd.DataFrame({
        "player_id": entity, "game_date": pd.to_datetime(list(days)).astype("datetime64[us]"),
        "season": "2024-25", "points": points or [10] * len(days),
    })  # fmt: skip


def _targets(*days: str, entity: int = 1, season: str = "2024-25") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "player_id": entity,
            "game_date": pd.to_datetime(list(days)).astype("datetime64[us]"),
            "season": season,
        }
    )


def test_a_game_of_the_day_itself_is_never_before_it() -> None:
    history = History(_games("2024-12-01", "2024-12-02", "2024-12-03"), "player_id")
    span = history.before(_targets("2024-12-02", "2024-12-03", "2024-12-04"), 365)
    assert span.count.tolist() == [1, 2, 3]


def test_seven_days_reach_back_to_the_seventh_day_and_no_further() -> None:
    history = History(_games("2024-12-01", "2024-12-02", "2024-12-08"), "player_id")
    assert history.before(_targets("2024-12-09"), 7).count.tolist() == [2]


def test_an_unknown_player_has_an_empty_window() -> None:
    history = History(_games("2024-12-01"), "player_id")
    targets = _targets("2024-12-09", entity=99)
    span = history.before(targets, 365)
    assert span.count.tolist() == [0]
    assert np.isnan(history.mean("points", span)).all()
    assert np.isnan(history.days_since(targets, span)).all()


def test_a_table_without_rows_gives_empty_windows() -> None:
    history = History(_games("2024-12-01").iloc[:0], "player_id")
    assert history.season(_targets("2024-12-09")).count.tolist() == [0]
    assert np.isnan(history.weighted("points", history.season(_targets("2024-12-09")), 0.1, 5)).all()


def test_a_season_is_the_games_own_even_in_august() -> None:
    games = _games("2020-03-01", "2020-08-05", "2020-12-23").assign(season=["2019-20", "2019-20", "2020-21"])
    history = History(games, "player_id")
    assert history.season(_targets("2020-08-06", season="2019-20")).count.tolist() == [2]
    assert history.season(_targets("2020-12-25", season="2020-21")).count.tolist() == [1]


def test_a_mean_does_not_depend_on_how_much_history_lies_before_its_window() -> None:
    rng = np.random.default_rng(7)
    days = pd.date_range("2020-01-01", periods=900, freq="D").astype("datetime64[us]")
    games = pd.DataFrame(
        {"player_id": 1, "game_date": days, "season": "2019-20", "usage_rate": rng.uniform(0, 60, 900)}
    )
    targets = pd.DataFrame({"player_id": 1, "game_date": days[-1:], "season": "2019-20"})
    long, short = History(games, "player_id"), History(games.iloc[-40:], "player_id")
    means = [h.mean("usage_rate", h.before(targets, 365).last(7)) for h in (long, short)]
    assert means[0].tobytes() == means[1].tobytes()
    assert means[0][0] == np.round(games["usage_rate"].iloc[-8:-1], 9).mean().round(15) or np.isclose(
        means[0][0], games["usage_rate"].iloc[-8:-1].mean(), atol=1e-9
    )


def test_the_deviation_is_the_samples_and_needs_two_games() -> None:
    games = _games("2024-12-01", "2024-12-02", "2024-12-03", points=[10, 20, 30])
    history = History(games, "player_id")
    spans = history.before(_targets("2024-12-02", "2024-12-04"), 365)
    deviation = history.deviation("points", spans)
    assert np.isnan(deviation[0])
    assert deviation[1] == 10.0


def test_values_that_are_missing_do_not_count_in_a_mean() -> None:
    games = _games("2024-12-01", "2024-12-02", "2024-12-03").assign(usage_rate=[20.0, np.nan, 30.0])
    history = History(games, "player_id")
    assert history.mean("usage_rate", history.before(_targets("2024-12-04"), 365)).tolist() == [25.0]


def test_the_weighted_mean_counts_the_newest_game_most() -> None:
    games = _games("2024-12-01", "2024-12-02", points=[0, 19])
    history = History(games, "player_id")
    mean = history.weighted("points", history.before(_targets("2024-12-03"), 365), 0.10, 60)
    assert mean.tolist() == [19 / 1.9]


def test_players_do_not_mix() -> None:
    both = pd.concat([_games("2024-12-01", points=[5]), _games("2024-12-02", points=[50], entity=2)])
    history = History(both, "player_id")
    targets = pd.concat([_targets("2024-12-05"), _targets("2024-12-05", entity=2)])
    assert history.mean("points", history.before(targets, 365)).tolist() == [5.0, 50.0]
    assert date(2024, 12, 5) == targets["game_date"].iloc[0].date()
