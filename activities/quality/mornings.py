"""What must hold of a date's morning: slate, features, predictions, withheld players, the document.

Frames: `slate` (the date's games by its own snapshot), `upcoming_teams`, `upcoming_players`, `props`,
`cache`, `features`, `predictions`, `withheld`, `documents` (each published
document with what is stored: its `differences` from the record and the rows).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from activities.predictions.systems import SYSTEM_IDS
from activities.predictions.table import ONE_ACTIVE
from activities.processor import Frames
from activities.quality.checks import Check, Limit, Seen, Skipped, check_where, count_of, keys_of
from activities.quality.properties import (
    LEAST_SPREAD,
    active_of,
    made_after_tip_off,
    no_probability,
    of_another_version,
    points_out_of_bounds,
    spread_of_systems,
    without_both_teams,
)
from shared.features import FEATURE_NAMES, FEATURES

UPCOMING_TEAMS = "nba_analytics.upcoming_team_game_context"
UPCOMING_PLAYERS = "nba_analytics.upcoming_player_game_context"
PROPS = "nba_raw.player_points_props"
CACHE = "nba_precompute.player_daily_cache"
STORE = "nba_predictions.ml_feature_store_v2"
PREDICTIONS = "nba_predictions.player_prop_predictions"
WITHHELD = "nba_predictions.withheld_players"
DOCUMENTS = "nba_orchestration.published_documents"

REGENERATE = "tipoff backfill {day} {last} --only stale"
SLATE_AGAIN = "tipoff retrigger {day} --phase raw --reason …"
CONTEXT_AGAIN = "tipoff retrigger {day} --phase analytics --reason …"
FEATURES_AGAIN = "tipoff retrigger {day} --phase precompute --reason …"
PREDICT_AGAIN = "tipoff retrigger {day} --phase predictions --reason …"
PUBLISH_AGAIN = "tipoff retrigger {day} --phase publishing --reason …"
VOID = "tipoff retrigger {next} --phase grading --reason …"
"""They can't be made again: a game that has begun is not predicted, and grading calls them void."""

LEAST_PLAYERS = 8
"""A team that can play has so many."""


def of_slate(observe: Callable[[Frames], Seen | Skipped]) -> Callable[[Frames], Seen | Skipped]:
    """The same check, skipped on a date without games."""

    def observed(frames: Frames) -> Seen | Skipped:
        if played(frames).empty and frames["upcoming_players"].empty:
            return Skipped("no games")
        return observe(frames)

    return observed


def played(frames: Frames) -> pd.DataFrame:
    """The games of the slate that are not postponed."""
    slate = frames["slate"]
    return slate.loc[~slate["is_postponed"].to_numpy(dtype=bool)]


def slate_has_both_teams(frames: Frames) -> Seen:
    """Games of the slate without the context of both teams."""
    return count_of(without_both_teams(played(frames)["game_id"], frames["upcoming_teams"]))


def teams_have_players(frames: Frames) -> Seen:
    """Teams of the slate with too few players to play."""
    counts = frames["upcoming_players"].groupby("team_abbr")["player_id"].nunique()
    games = played(frames)
    teams = sorted({*games["home_team_abbr"], *games["away_team_abbr"]})
    return count_of(
        [f"{team} {counts.get(team, 0)}" for team in teams if counts.get(team, 0) < LEAST_PLAYERS]
    )


def lines_cover_the_slate(frames: Frames) -> Seen | Skipped:
    """The share of the slate's games with a line on any player."""
    if frames["props"].empty:
        return Skipped("no source has lines of this date")
    games = sorted(played(frames)["game_id"])
    without = tuple(game for game in games if game not in set(frames["props"]["game_id"]))
    return Seen(1 - len(without) / len(games) if games else 1.0, without)


def form_is_of_games_before(frames: Frames) -> Seen:
    """Players whose form reaches into the date itself or beyond."""
    rows = frames["cache"]
    late = pd.to_datetime(rows["last_game_date"]) >= pd.to_datetime(rows["cache_date"])
    return count_of(keys_of(rows, ["player_id"], late))


def eligible_have_features(frames: Frames) -> Seen | Skipped:
    """The share of eligible players who have a feature vector."""
    rows = frames["upcoming_players"]
    rows = rows.loc[rows["eligible"].to_numpy(dtype=bool)]
    if rows.empty:
        return Skipped("nobody is eligible")
    there = rows["player_id"].isin(frames["features"]["player_id"])
    return Seen(float(there.mean()), keys_of(rows, ["player_lookup"], ~there))


def features_of_the_version(frames: Frames) -> Seen:
    """Vectors of another version than the one in force."""
    rows = frames["features"]
    other = of_another_version(rows)
    note = ", ".join(sorted(set(rows.loc[other.to_numpy(dtype=bool), "feature_version"].astype(str))))
    return Seen(float(other.sum()), keys_of(rows, ["player_lookup"], other), note=note)


def features_in_the_contract_s_order(frames: Frames) -> Seen:
    """Vectors without exactly the contract's names in its order, or without a value for each."""
    rows = frames["features"]
    bad = np.array(
        [not _keeps_names(n, v) for n, v in zip(rows["feature_names"], rows["features"], strict=True)]
    )
    return count_of(keys_of(rows, ["player_lookup"], bad))


def _keeps_names(names: list[str], values: list[float]) -> bool:
    return tuple(names) == FEATURE_NAMES and len(values) == len(FEATURE_NAMES)


def features_within_bounds(frames: Frames) -> Seen:
    """Features with a value outside the contract's bounds, of vectors that have its names."""
    rows = frames["features"]
    kept = [v for n, v in zip(rows["feature_names"], rows["features"], strict=True) if _keeps_names(n, v)]
    if not kept:
        return count_of([])
    values = np.array([list(v) for v in kept], dtype=np.float64)
    lower, upper = (np.array([getattr(spec, side) for spec in FEATURES]) for side in ("lower", "upper"))
    outside = ~((values >= lower) & (values <= upper))
    names = tuple(name for name, bad in zip(FEATURE_NAMES, outside.any(axis=0), strict=True) if bad)
    return Seen(float(outside.any(axis=1).sum()), names, int(outside.any(axis=1).sum()))


def active(frames: Frames) -> pd.DataFrame:
    """The active predictions."""
    return active_of(frames["predictions"])


def nobody_is_missing_without_a_reason(frames: Frames) -> Seen:
    """Players with a line, or eligible, that a system did not predict and nobody says why."""
    rows = frames["upcoming_players"]
    wanted = rows.loc[(rows["has_prop_line"] | rows["eligible"]).to_numpy(dtype=bool)]
    systems = active(frames).groupby(["game_id", "player_id"])["system_id"].nunique()
    held = set(zip(frames["withheld"]["game_id"], frames["withheld"]["player_id"], strict=True))
    missing = [
        f"{name} {game}"
        for game, player, name in wanted[["game_id", "player_id", "player_lookup"]].itertuples(index=False)
        if systems.get((game, player), 0) < len(SYSTEM_IDS) and (game, player) not in held
    ]  # fmt: skip
    return count_of(missing)


def lines_are_predicted(frames: Frames) -> Seen | Skipped:
    """The share of players with a line whom every system predicted."""
    rows = frames["upcoming_players"]
    lined = rows.loc[rows["has_prop_line"].to_numpy(dtype=bool)]
    if lined.empty:
        return Skipped("nobody has a line")
    systems = active(frames).groupby("player_id")["system_id"].nunique()
    whole = lined["player_id"].map(systems).fillna(0) >= len(SYSTEM_IDS)
    return Seen(float(whole.mean()), keys_of(lined, ["player_lookup"], ~whole))


def one_active_prediction_each(frames: Frames) -> Seen:
    """Player, game and system with more than one active prediction."""
    rows = active(frames)
    return count_of(keys_of(rows, ONE_ACTIVE, rows.duplicated(ONE_ACTIVE, keep=False)))


def predictions_of_the_version(frames: Frames) -> Seen:
    """Active predictions made of vectors of another version."""
    rows = active(frames)
    return count_of(keys_of(rows, ["prediction_id"], of_another_version(rows)))


def predictions_are_of_the_slate(frames: Frames) -> Seen:
    """Active predictions for games that are not on the slate."""
    rows = active(frames)
    return count_of(keys_of(rows, ["game_id"], ~rows["game_id"].isin(frames["slate"]["game_id"])))


def made_before_tip_off(frames: Frames) -> Seen:
    """Active predictions made at or after the tip-off."""
    rows = active(frames)
    return count_of(keys_of(rows, ["prediction_id"], made_after_tip_off(rows)))


def points_within_bounds(frames: Frames) -> Seen:
    """Active predictions of points that no system answers."""
    rows = active(frames)
    return count_of(keys_of(rows, ["prediction_id"], points_out_of_bounds(rows)))


def points_differ(frames: Frames) -> Seen:
    """Systems that predict much the same points for everyone."""
    spread = spread_of_systems(active(frames))
    return count_of(list(spread.index[spread < LEAST_SPREAD]))


def probabilities_are_probabilities(frames: Frames) -> Seen:
    """Active predictions with a line and no probability, or one outside 0 to 1."""
    rows = active(frames)
    unknown = rows["has_prop_line"].astype(bool) & rows["prob_over"].isna()
    bad = unknown | no_probability(rows)
    return count_of(keys_of(rows, ["prediction_id"], bad))


def superseded_are_inactive(frames: Frames) -> Seen:
    """Active predictions that say that another has replaced them."""
    rows = active(frames)
    return count_of(keys_of(rows, ["prediction_id"], rows["superseded_by"].notna()))


def withheld_have_reasons(frames: Frames) -> Seen:
    """Withheld players without a stage and a reason."""
    rows = frames["withheld"]
    return count_of(keys_of(rows, ["player_name"], (rows["reason"] == "") | (rows["stage"] == "")))


def withheld_are_not_predicted(frames: Frames) -> Seen:
    """Withheld players whom every system predicted all the same."""
    key = ["game_id", "player_id"]
    whole = active(frames).groupby(key)["system_id"].nunique()
    whole = whole.loc[whole >= len(SYSTEM_IDS)].reset_index()
    both = frames["withheld"].merge(whole, on=key)
    return count_of(keys_of(both, ["player_name"], np.ones(len(both), dtype=bool)))


def day_was_published(frames: Frames) -> Seen | Skipped:
    """Whether predictions were made and no document was published."""
    if active(frames).empty:
        return Skipped("nothing was predicted")
    missing = frames["documents"].empty
    return Seen(float(missing), ("predictions.json",) if missing else ())


def published_equals_stored(frames: Frames) -> Seen | Skipped:
    """Published documents that are not stored as recorded, or say something else than the tables."""
    rows = frames["documents"]
    if rows.empty:
        return Skipped("nothing was published")
    bad = rows["differences"] != ""
    note = "; ".join(rows.loc[bad.to_numpy(dtype=bool), "differences"])
    return Seen(float(bad.sum()), keys_of(rows, ["path"], bad), note=note[:300])


_check = partial(check_where, of_slate)


MORNING_CHECKS: tuple[Check, ...] = (
    _check("every_game_has_the_context_of_both_teams", UPCOMING_TEAMS, slate_has_both_teams, SLATE_AGAIN),
    _check("every_team_has_players", UPCOMING_PLAYERS, teams_have_players, SLATE_AGAIN),
    _check("lines_cover_the_slate", PROPS, lines_cover_the_slate, SLATE_AGAIN, None, Limit("<", 0.8)),
    _check("form_is_of_games_before_the_day", CACHE, form_is_of_games_before, FEATURES_AGAIN),
    _check(
        "eligible_players_have_features", STORE, eligible_have_features, REGENERATE,
        Limit("<", 0.95), Limit("<", 1.0),
    ),
    _check("features_are_of_the_version_in_force", STORE, features_of_the_version, REGENERATE),
    _check("features_are_in_the_contract_s_order", STORE, features_in_the_contract_s_order, REGENERATE),
    _check("features_are_within_bounds", STORE, features_within_bounds, FEATURES_AGAIN),
    _check(
        "nobody_is_missing_without_a_reason", PREDICTIONS, nobody_is_missing_without_a_reason, PREDICT_AGAIN
    ),
    _check(
        "players_with_a_line_are_predicted", PREDICTIONS, lines_are_predicted, PREDICT_AGAIN,
        Limit("<", 0.6), Limit("<", 0.95),
    ),
    _check("one_active_prediction_each", PREDICTIONS, one_active_prediction_each, PREDICT_AGAIN),
    _check("predictions_are_of_the_version_in_force", PREDICTIONS, predictions_of_the_version, REGENERATE),
    _check("predictions_are_of_the_slate", PREDICTIONS, predictions_are_of_the_slate, PREDICT_AGAIN),
    _check("predictions_were_made_before_tip_off", PREDICTIONS, made_before_tip_off, VOID),
    _check("predicted_points_are_within_bounds", PREDICTIONS, points_within_bounds, PREDICT_AGAIN),
    _check("predicted_points_differ", PREDICTIONS, points_differ, FEATURES_AGAIN),
    _check("probabilities_are_probabilities", PREDICTIONS, probabilities_are_probabilities, PREDICT_AGAIN),
    _check("superseded_predictions_are_inactive", PREDICTIONS, superseded_are_inactive, PREDICT_AGAIN),
    _check("withheld_players_have_reasons", WITHHELD, withheld_have_reasons, PREDICT_AGAIN),
    _check("withheld_players_are_not_predicted", WITHHELD, withheld_are_not_predicted, PREDICT_AGAIN),
    _check("predictions_were_published", DOCUMENTS, day_was_published, PUBLISH_AGAIN),
    _check("published_equals_stored", DOCUMENTS, published_equals_stored, PUBLISH_AGAIN),
)  # fmt: skip
