"""Phase 4, `player_similar_games`: past games in circumstances like today's."""

from __future__ import annotations

from activities.analytics.mornings import of_players
from activities.analytics.windows import shaped
from activities.precompute.similar_games import similar_games
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "player_id": "int64", "similar_games": "int64",
    "similar_score": "float64", "similar_margin": "float64",
}  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who may play on D."""
    targets = frames["upcoming_players"].sort_values("player_id").reset_index(drop=True)
    games = of_players(frames["player_games"], targets)
    found = similar_games(games, frames["team_defense"], targets)
    rows = shaped(targets[["game_date", "player_id"]].join(found), COLUMNS)
    progress(len(rows), len(rows))
    return Output(rows, (context.game_date,), facts={"players": len(rows)})
