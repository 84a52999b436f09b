"""Where a player shoots from and what a defence allows there.

No source of ours has shot charts. nba.com's live box score has each player's points in the paint, so his
makes there are counted and his attempts estimated from them; season logs and recorded seasons have not even
those, and paint and mid-range are stood in for by how often he is fouled. Both are marked as proxies: what
the share is of, attempts, nobody counts. Pure functions over many targets at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.mornings import DEFENSE_GAMES, YEAR, counted, of_record
from activities.analytics.windows import Array, History, ratio
from activities.precompute.form import free_throw_share

SHOT_GAMES = 10

LEAGUE_PAINT_SHARE = 0.75
"""Share of two-point attempts from the paint. An assumption, near what the league's published
shooting splits of recent seasons show; the recorded data can't confirm it."""

LEAGUE_FREE_THROW_RATE = 0.25
"""Free throws attempted per field goal attempted; measured 0.243-0.266 over 2021-22 to 2024-25."""

PAINT_PER_FREE_THROW_RATE = 0.5
"""How much the paint share rises with the free-throw rate: who is fouled more is nearer the rim."""

PAINT_PCT, MID_RANGE_PCT = 0.58, 0.42
"""Goals per attempt in the paint and from mid-range. Assumptions, near the league's published shooting splits
of recent seasons; only their ratio matters."""

PRIMARY_SHARE = 0.40
MID_RANGE_SHARE = 0.35


def paint_share_of_twos(free_throw_rate: Array) -> Array:
    """The part of a player's two-point attempts taken as from the paint, 0.40-0.95.

    0.75 + 0.5 (FTA / FGA - 0.25): a constant league split, moved by how often he is fouled.
    """
    share = LEAGUE_PAINT_SHARE + PAINT_PER_FREE_THROW_RATE * (free_throw_rate - LEAGUE_FREE_THROW_RATE)
    return np.clip(share, 0.40, 0.95)


def paint_share_by_makes(paint_makes: Array, two_makes: Array) -> Array:
    """The part of a player's two-point attempts taken as from the paint, from where he made them.

    Makes in the paint / 0.58 against the other two-point makes / 0.42; NaN without a make.
    """
    inside = paint_makes / PAINT_PCT
    return ratio(inside, inside + (two_makes - paint_makes) / MID_RANGE_PCT)


def primary_zone(paint: Array, mid: Array, three: Array) -> Array:
    """Where most of his shots are from: paint or perimeter from 40 % (the larger; paint at a tie),
    mid_range from 35 %, else balanced."""
    return np.select(
        [
            (paint >= PRIMARY_SHARE) & (paint >= three),
            three >= PRIMARY_SHARE,
            mid >= MID_RANGE_SHARE,
        ],
        ["paint", "perimeter", "mid_range"],
        default="balanced",
    )


def player_zones(player_games: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """A player's shot distribution over his last 10 games of the past year.

    Indexed like `targets` (player_id, game_date). Rates in percent of field goal attempts, shares
    0-1; pct_paint + pct_mid_range + pct_three is 1. NaN without an attempt. Points in the paint are used
    where every game of the window that needs them has them: half a window would be two measures in one.
    """
    played = counted(player_games)
    inside = played["points_in_paint"]
    played = played.assign(
        two_makes=played["fgm"] - played["fg3m"],
        paint_makes=inside.fillna(0).astype("int64") // 2,
        uncounted=(inside.isna() & (played["fga"] > played["fg3a"])).astype("int64"),
    )
    games = History(played, "player_id")
    window = games.before(targets, YEAR).last(SHOT_GAMES)
    shots = games.total("fga", window)
    threes = games.total("fg3a", window)
    three = ratio(threes, shots)
    two = ratio(shots - threes, shots)
    makes = games.total("two_makes", window)
    counted_inside = (games.total("uncounted", window) == 0) & (makes > 0)
    paint = two * np.where(
        counted_inside,
        paint_share_by_makes(games.total("paint_makes", window), makes),
        paint_share_of_twos(ratio(games.total("fta", window), shots)),
    )
    mid = two - paint
    return pd.DataFrame(
        {
            "games_in_sample": window.count,
            "two_pt_rate": 100.0 * two,
            "three_pt_rate": 100.0 * three,
            "pct_paint": paint,
            "pct_mid_range": mid,
            "pct_three": three,
            "pct_free_throw": np.where(window.count >= 5, free_throw_share(games, window), np.nan),
            "is_proxy": True,
            "primary_scoring_zone": primary_zone(paint, mid, three),
            "zone_source": np.where(counted_inside, "points_in_paint", "free_throw_rate"),
        },
        index=targets.index,
    )


def _against_league(above: Array, below: Array, day: Array) -> tuple[Array, Array]:
    """Each team's share and its distance from the day's pooled league share, in hundredths."""
    _, league = np.unique(day, return_inverse=True)
    size = int(league.max()) + 1 if len(league) else 0
    # Integer sums, so that the order of the teams can't change the last bit.
    pooled_above: Array = np.zeros(size, dtype=np.int64)
    pooled_below: Array = np.zeros(size, dtype=np.int64)
    np.add.at(pooled_above, league, above)
    np.add.at(pooled_below, league, below)
    own = ratio(above, below)
    return own, 100.0 * (own - ratio(pooled_above, pooled_below)[league])


def team_zones(team_defense: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """What each defence allows over its last 15 games of the past year, against the league.

    Indexed like `targets` (team_abbr, game_date), which must hold every team of a date, as the
    league's share is pooled over a date's rows. Positive against the league is a weak defence.
    """
    games = History(of_record(team_defense), "team_abbr")
    window = games.before(targets, YEAR).last(DEFENSE_GAMES)
    day = targets["game_date"].to_numpy()
    makes, shots = games.total("opponent_fgm", window), games.total("opponent_fga", window)
    threes, three_shots = games.total("opponent_fg3m", window), games.total("opponent_fg3a", window)
    two, two_weak = _against_league(makes - threes, shots - three_shots, day)
    three, three_weak = _against_league(threes, three_shots, day)
    fouls, fouls_weak = _against_league(games.total("opponent_fta", window), shots, day)
    known = np.isfinite(two_weak) & np.isfinite(three_weak)
    two_stronger = two_weak <= three_weak
    strongest = np.where(two_stronger, "two_pt", "three_pt").astype(object)
    weakest = np.where(two_stronger, "three_pt", "two_pt").astype(object)
    return pd.DataFrame(
        {
            "games_in_sample": window.count,
            "defensive_rating_last_15": games.mean("defensive_rating", window),
            "opponent_points_per_game": games.mean("points_allowed", window),
            "opponent_pace": games.mean("opponent_pace", window),
            "two_pt_pct_allowed": two,
            "three_pt_pct_allowed": three,
            "ft_rate_allowed": fouls,
            "two_pt_vs_league_avg": two_weak,
            "three_pt_vs_league_avg": three_weak,
            "ft_rate_vs_league_avg": fouls_weak,
            "strongest_zone": np.where(known, strongest, None),
            "weakest_zone": np.where(known, weakest, None),
        },
        index=targets.index,
    )


def every_team(team_defense: pd.DataFrame, days: Array) -> pd.DataFrame:
    """Targets for `team_zones`: each team with a game in the year before, on each of the days."""
    names = np.sort(team_defense["team_abbr"].astype(str).unique())
    targets = pd.DataFrame({"team_abbr": np.tile(names, len(days)), "game_date": np.repeat(days, len(names))})
    there = History(of_record(team_defense), "team_abbr").before(targets, YEAR).count > 0
    return targets.loc[there].reset_index(drop=True)
