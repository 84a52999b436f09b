"""`docs/features.md`, written from the contract: `python -m activities.precompute.feature_reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from activities.analytics.mornings import RECENT_DAYS
from activities.analytics.upcoming_player_game_context import GAMES_TO_BE_ELIGIBLE
from activities.precompute.ml_feature_store_v2 import EARLY_SEASON_GAMES
from activities.precompute.vectors import AWAY_DAYS, GAMES_NEEDED, SOURCE_WEIGHTS, STALE_DAYS, TIERS
from activities.precompute.zones import (
    LEAGUE_FREE_THROW_RATE,
    LEAGUE_PAINT_SHARE,
    MID_RANGE_PCT,
    PAINT_PCT,
    PAINT_PER_FREE_THROW_RATE,
)
from activities.quality.feature_store import LEAST_PLAYERS
from shared.features import FEATURE_COUNT, FEATURE_VERSION, FEATURES, contract_checksum
from shared.inputs import MODEL_INPUTS, SIMILAR_INPUTS, ZONE_INPUTS

_SOURCES = {
    "computed": "from the source itself, with a whole sample behind it",
    "proxy": "a stand-in: fewer games than the window asks for, form from before an absence, figures from "
    "before the season, or paint and mid-range, which no box score counts",
    "default": "the source has no value; the default stands in",
    "unavailable": "no source has it in this setting; the default, or what stands in, is marked so",
}


_PLAYERS = {
    "returning": f"""his last games, however old (three years); when the latest is more than {AWAY_DAYS} days
        old, each of these figures is a proxy. Rest counts as at most {RECENT_DAYS} days. With none in
        {STALE_DAYS} days his vector is insufficient""",
    "traded": """his own figures from all his teams; pace, rating, record and opponent of the team that he
        plays for today, by his line, else the roster, else his latest game""",
    "two-way, few games": f"""predicted with {GAMES_TO_BE_ELIGIBLE} games in {RECENT_DAYS} days, or a line.
        Short windows are proxies, figures that need 5 games are defaults; with fewer than {GAMES_NEEDED}
        games insufficient""",
    "rookie": f"predicted with a line; insufficient until he has {GAMES_NEEDED} games on record",
    "on a back-to-back": """by his own games: a regular who sat out yesterday is not on one, though his team
        is""",
    "after the Cup final": """it made him tired (rest, back-to-back, games and minutes of the week) and counts
        in no average, window or record, nor as training data, as with the league; it is predicted and graded
        like any game""",
    "after the playoffs": """they are in his windows; a season's average and a team's record are of the
        regular season""",
}

_ZONES = {
    "points_in_paint": f"""his makes in the paint are counted (nba.com's live box score has points in the
        paint), his attempts estimated: makes there / {PAINT_PCT:g} against his other two-pointers made /
        {MID_RANGE_PCT:g}; where every game of the window in which he took two-pointers has them""",
    "free_throw_rate": f"""{LEAGUE_PAINT_SHARE:g} of his two-point attempts, moved by how often he is
        fouled: {PAINT_PER_FREE_THROW_RATE:g} (FTA / FGA - {LEAGUE_FREE_THROW_RATE:g}), together 0.40-0.95;
        season logs and recorded seasons give no more""",
}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _features() -> str:
    return _table(
        ("#", "feature", "meaning", "unit", "source", "default", "bounds", "recorded", "may be constant"),
        (
            (
                str(place),
                f"`{spec.name}`",
                spec.meaning,
                spec.unit,
                f"`{spec.source}`",
                f"{spec.default:g}",
                f"{spec.lower:g}..{spec.upper:g}",
                spec.recorded,
                spec.may_be_constant or "no",
            )
            for place, spec in enumerate(FEATURES)
        ),
    )


def _described(head: tuple[str, str], texts: dict[str, str]) -> str:
    return _table(head, ((name, " ".join(text.split())) for name, text in texts.items()))


def _inputs() -> str:
    groups = (
        ("xgboost_v1", MODEL_INPUTS),
        ("zone_matchup_v1", ZONE_INPUTS),
        ("similarity_v1", SIMILAR_INPUTS),
    )
    return _table(
        ("input", "meaning", "unit", "source", "read by"),
        (
            (f"`{spec.name}`", spec.meaning, spec.unit, f"`{spec.source}`", f"`{system}`")
            for system, specs in groups
            for spec in specs
        ),
    )


def _tiers() -> str:
    last = TIERS[-1][0]
    rows = [(f"from {least:g}", tier) for least, tier in TIERS] + [(f"below {last:g}", "unusable")]
    return _table(("score", "tier"), rows)


def feature_reference() -> str:
    """The reference as Markdown, ending in a line break."""
    weights = _table(
        ("source", "weight", "when"),
        ((name, f"{weight:g}", _SOURCES[name]) for name, weight in SOURCE_WEIGHTS.items()),
    )
    return f"""# The features

Written by `python -m activities.precompute.feature_reference > docs/features.md` from
`shared/features.py`; a test keeps both equal. Version `{FEATURE_VERSION}`, {FEATURE_COUNT} features,
contract `{contract_checksum()[:12]}`.

A vector is {FEATURE_COUNT} values in this order, with the names and the source of each value beside it
(`nba_predictions.ml_feature_store_v2`). Everything is known before the first tip-off of its day. A value
outside its bounds is a fault of its producer: the vector is refused, never clamped.

{_features()}

- *recorded*: what the recorded seasons give: the feature itself (computed), a stand-in (proxy), or nothing
  (unavailable).
- *may be constant*: why all players of a slate may share one value. For any other feature
  `feature_store_quality` reports it as an error, on slates of {LEAST_PLAYERS} players and more; while
  everybody is in his first {EARLY_SEASON_GAMES} games of a season, as a warning.

## Quality

Each value has a source, each source a weight. The quality score of a vector is the mean of its
{FEATURE_COUNT} weights.

{weights}

{_tiers()}

A vector is insufficient, and its player not predicted, with fewer than {GAMES_NEEDED} games on record or
none in the last {STALE_DAYS} days; the row says which.

## Early in a season

`early_season` marks a player with fewer than {EARLY_SEASON_GAMES} games of the season played. His windows
reach back into the last season; where a season's figure has no game yet, that of the seasons before stands
in and is a proxy. A team's wins count from its fifth game on; before that the default does, and its pace and
ratings, whose windows reach back too, are proxies.

## Shot zones

A box score counts threes and free throws, and so `pct_three` and `pct_free_throw` are counted. Where his
other shots are from, shot charts would tell, and no source of ours has them. `zone_source` of
`nba_precompute.player_shot_zone_analysis` says which of two stand-ins `pct_paint` and `pct_mid_range` are.
Both are marked as proxies, and `xgboost_v1` sees neither: its history has the second only.

{_described(("zone_source", "what it is"), _ZONES)}

## Players out of the ordinary

{_described(("player", "what his features are"), _PLAYERS)}

## Declared inputs beside the features

What systems read besides, from the same morning's tables (`shared/inputs.py`). They are no part of the
contract; a model's artefact has the checksum of its own, and a model trained with others is refused. The
ensemble reads its members and the line.

{_inputs()}

## Adding a feature

A feature is never appended to a version: vectors that are stored and models that are trained have its
{FEATURE_COUNT} names. `FROZEN` holds the count and the checksum of each version, and `check_contract`
refuses anything else wherever vectors are written, read or trained on.

1. Make a new version beside this one: its name, its features, its entry in `FROZEN`.
2. Have `activities/precompute/vectors.py` produce it; serving and training share that code.
3. Train a model under it and promote it.
4. `tipoff predeploy` from the new code, against production; deploy when nothing fails.

Removing or reordering features, or changing a unit, a default or a bound, is the same. The wording of a
meaning is free.
"""


if __name__ == "__main__":
    sys.stdout.write(feature_reference())
