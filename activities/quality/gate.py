"""A gate: the checks of a phase, judged, recorded, and what their errors hold back.

A gate is the last processor of its phase, or stands before the one that makes rows current. Its results are
written whatever they are. An error then holds back the players or games concerned, or the phase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext
from activities.quality.checks import Blocks, Check, Outcome, judge, result_rows

FAILED, WARNED = "fail", "warn"


def finding(outcome: Outcome) -> str:
    """What a check found, in words."""
    limit = outcome.error_if if outcome.status == FAILED else outcome.warn_if
    words = f"{outcome.dataset}: {outcome.check_name}: {outcome.observed:g} where {limit} is a finding"
    return f"{words}: {outcome.sample_ref}" if outcome.sample_ref else words


def run_gate(
    context: ProcessorContext,
    frames: Frames,
    checks: Sequence[Check],
    *,
    name: str,
    judged: Sequence[tuple[Outcome, tuple[str, ...]]] = (),
) -> Output:
    """Judges the checks of a gate for the day.

    Args:
        context: the day's.
        frames: what the checks read.
        checks: in the order in which they are told.
        name: the gate's processor, which owns the rows.
        judged: outcomes that no single limit gives, each with its own words.

    Returns:
        One row a check; none where there is nothing to be judged. The refusal says which checks hold the
        phase.
    """
    outcomes = [*(outcome for outcome, _ in judged), *(judge(check, frames) for check in checks)]
    if all(outcome.status == "skipped" for outcome in outcomes):
        outcomes = []
    words = {(outcome.dataset, outcome.check_name): said for outcome, said in judged}
    remedies = {(check.dataset, check.name): check.remedy for check in checks}
    rows = result_rows(
        [(context.game_date, outcome) for outcome in outcomes],
        checked_by=name, run_id=context.run_id, checked_at=context.now,
    )  # fmt: skip
    found = [outcome for outcome in outcomes if outcome.status in (FAILED, WARNED)]
    holding = [o for o in found if o.status == FAILED and o.blocking == Blocks.PHASE]
    return Output(
        rows,
        (context.game_date,),
        warnings=tuple(w for o in found for w in words.get((o.dataset, o.check_name), (finding(o),))),
        facts={
            "checks": len(outcomes),
            "failed": sum(outcome.status == FAILED for outcome in outcomes),
            "blocked": len({one for outcome in outcomes for one in outcome.blocked}),
        },
        refusal="; ".join(
            f"{finding(o)}. Remedy: "
            + remedies.get((o.dataset, o.check_name), "see nba_orchestration.quality_results").format(
                day=context.game_date
            )
            for o in holding
        ),
    )


@dataclass(frozen=True)
class Blocked:
    """Whom the gates of a day hold back, each with the reason."""

    players: Mapping[int, str]
    games: Mapping[str, str]

    def reason(self, game_id: str, player_id: int) -> str:
        """Why a player is held back in a game; empty if he is not."""
        return self.players.get(player_id) or self.games.get(game_id) or ""

    def rows(self, predictions: pd.DataFrame) -> pd.Series:
        """Which rows (game_id, player_id) are held back."""
        return predictions["player_id"].isin(list(self.players)) | predictions["game_id"].isin(
            list(self.games)
        )


def blocked_by(quality: pd.DataFrame) -> Blocked:
    """Whom the results of a day hold back. The first check that does is the reason."""
    players: dict[int, str] = {}
    games: dict[str, str] = {}
    failed = quality.loc[(quality["status"] == FAILED).to_numpy(dtype=bool)]
    for row in failed.sort_values(["dataset", "check_name"]).itertuples():
        reason = f"a quality gate holds him back: {row.check_name} of {row.dataset}"
        if row.blocking == Blocks.PLAYERS:
            for one in row.blocked:
                players.setdefault(int(one), reason)
        elif row.blocking == Blocks.GAMES:
            for one in row.blocked:
                games.setdefault(str(one), reason)
    return Blocked(players, games)
