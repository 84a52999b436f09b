"""Fetches box scores of the day before, and of earlier games still missing: nba.com → ESPN → BallDontLie.

The next source is asked while a box score does not add up, or adds up in whole minutes, which can hide a man
of one; every response is stored. A game that no source has, or has whole, is looked for again on the next
seven days, and then given up with a warning. The games of the day before that are looked at once more: what
was put right since is brought in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.box_score import BoxScore, box_shortcomings
from activities.scrape.fan_out import asked
from activities.scrape.http import Reply, UpstreamClient
from activities.scrape.log import ScrapeLog
from activities.scrape.schedule import read_schedule, with_nba_ids
from activities.scrape.sources import balldontlie, espn, nba_cdn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.errors import DataNotReady, TipoffError, UpstreamUnavailable

REPAIR_DAYS = 7
"""How far back a missing game is looked for."""

REPAIRED = "missing or partial until now"
"""The detail of an answer that adds up, on a later day than the first."""

CORRECTED = "put right since it was first stored"
"""The detail of an answer that differs from what was stored the day before."""

AT_ONCE = 4
LINE = (
    "points", "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "assists", "steals", "blocks",
    "turnovers",
)  # fmt: skip
"""The columns of a stored row that make a `PlayerLine.stat_line`."""


@dataclass
class Answer:
    """What one source said of a game."""

    source: str
    reply: Reply | None = None
    box: BoxScore | None = None
    error: TipoffError | None = None
    shortcomings: str = ""


def may_hide(box: BoxScore) -> bool:
    """Whether somebody may lack in a box score that adds up: rounding makes up for a man of a minute.

    Not in nba.com's: it counts seconds, even where a recording has kept the minutes only.
    """
    return not box.fractional and box.source != nba_cdn.SOURCE


@dataclass
class GameAnswers:
    """What all the sources asked said of a game, in the order of the chain."""

    game: ScheduledGame
    answers: list[Answer] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether a source's box score added up, and none that is finer says that somebody lacks.

        Whole minutes hide a player of a minute: where a source of fractions fell short, only another of them
        can tell.
        """
        fell_short = False
        for answer in self.answers:
            if answer.box is None:
                continue
            if answer.shortcomings:
                fell_short |= answer.box.fractional
            elif answer.box.fractional or not fell_short:
                return True
        return False

    @property
    def settled(self) -> bool:
        """Whether nobody else need be asked: a box score adds up that can't hide a man of a minute."""
        whole = [a.box for a in self.answers if a.box is not None and not a.shortcomings]
        return self.complete and not all(map(may_hide, whole))

    @property
    def unanswered(self) -> bool:
        """Whether no source gave a box score or at least said that it has none."""
        return not any(a.reply or isinstance(a.error, DataNotReady) for a in self.answers)

    @property
    def boxes(self) -> list[BoxScore]:
        """The final box scores there are, in the order of the chain."""
        return [a.box for a in self.answers if a.box is not None and a.box.final]


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores what the sources say of every game that is wanted.

    Raises:
        UpstreamUnavailable: no source answered for a final game of the day before, not even that it has none.
    """
    log = ScrapeLog(context, "scrape_box_scores")
    schedule = with_nba_ids(read_schedule(frames["responses"], context.objects), frames["earlier_schedule"])
    known = complete_games(frames["known_games"])
    with UpstreamClient(context.upstreams) as client:
        again = [g for g in games_before(schedule, context.game_date) if g.key in known]
        corrected = corrected_games(client, again, frames["known_players"])
        wanted = games_wanted(schedule, context.game_date, known - corrected)
        found = ask_for(client, wanted, progress)
    yesterday = context.game_date - timedelta(days=1)
    losses = {e.game.game_date: e.game.key for e in found if e.game.key in known and not e.complete}
    put_off = {on: key for on, key in losses.items() if on < yesterday}
    for on, key in sorted(put_off.items()):
        log.warnings.append(
            f"{on}: not repaired today: the box score of {key}, known whole, can't be had whole"
        )
    found = [entry for entry in found if entry.game.game_date not in put_off]
    for entry in found:
        repaired = entry.game.game_date < yesterday and entry.game.key not in known
        detail = CORRECTED if entry.game.key in corrected else REPAIRED if repaired else ""
        record(log, entry, detail)
        if entry.unanswered:
            msg = f"box score of {entry.game.key}: no source answered: {entry.answers[-1].error}"
            waits = [a.error.retry_after for a in entry.answers if a.error and a.error.retry_after]
            raise UpstreamUnavailable(msg, retry_after=min(waits, default=None))
        if not entry.complete:
            log.warnings.append(_lacking(entry, context.game_date))
    fallback = [e.game.key for e in found if len(e.answers) > 1]
    missing = [e.game.key for e in found if not any(a.reply for a in e.answers)]
    log.warnings += [f"{key}: box score {CORRECTED}" for key in sorted(corrected)]
    facts = {"games": len(found), "asked_further": len(fallback), "missing": len(missing)}
    return log.output({**facts, "corrected": len(corrected)})


def _lacking(entry: GameAnswers, day: date) -> str:
    """What a game lacks, and what comes of it."""
    there = any(a.reply for a in entry.answers)
    what = "no source's box score adds up by itself" if there else "no source has its box score"
    last = entry.game.game_date + timedelta(days=REPAIR_DAYS + 1)
    then = f"looked for again until {last}" if day < last else "given up: it stays as it is"
    return f"{entry.game.key}: {what}; {then}"


def complete_games(known_games: pd.DataFrame) -> set[str]:
    """The keys of games whose two teams have a complete box score."""
    if known_games.empty:
        return set()
    counts = known_games[known_games["is_complete"].astype(bool)].groupby("game_id").size()
    return set(counts[counts == 2].index)


def games_wanted(schedule: Iterable[ScheduledGame], day: date, complete: set[str]) -> list[ScheduledGame]:
    """The games of D-1, and of every date of the week before that lacks a complete box score.

    A date comes in whole or not at all: its partition is replaced as one.
    """
    yesterday = day - timedelta(days=1)
    oldest = yesterday - timedelta(days=REPAIR_DAYS)
    played = [g for g in schedule if oldest <= g.game_date < day and not g.postponed and g.status == 3]
    lacking = {g.game_date for g in played if g.key not in complete}
    return [g for g in played if g.game_date in lacking | {yesterday}]


def games_before(schedule: Iterable[ScheduledGame], day: date) -> list[ScheduledGame]:
    """The finished games of D-2, which the day before brought in."""
    on = day - timedelta(days=2)
    return [g for g in schedule if g.game_date == on and not g.postponed and g.status == 3]


def corrected_games(
    client: UpstreamClient, games: list[ScheduledGame], known_players: pd.DataFrame
) -> set[str]:
    """The keys of games of which the first source now says something else than what is stored.

    Every player's counts are compared, not his minutes, which depend on who told them; of a game that the
    source doesn't have whole, those whom it has, for the others were told by another. A game that it doesn't
    answer for is as it was.

    Args:
        client: how the source is asked.
        games: games whose box scores are stored.
        known_players: the stored rows, with `game_id`, `player_id` and the columns of `LINE`.
    """
    stored: dict[str, Counter[tuple[int, ...]]] = {}
    rows = known_players.drop_duplicates(["game_id", "player_id"])
    for key, *line in rows[["game_id", *LINE]].itertuples(index=False, name=None):
        stored.setdefault(str(key), Counter())[tuple(map(int, line))] += 1

    def differs(game: ScheduledGame) -> bool:
        got = asked(lambda: nba_cdn.box_score(client, game.nba_game_id), nba_cdn.parse_box_score)
        if got.value is None or not got.value.final:
            return False
        told = Counter(p.stat_line for t in got.value.teams for p in t.players)
        known = stored.get(game.key, Counter())
        if not box_shortcomings(got.value):
            return told != known
        # Who lacks was told by another; where nobody was, whole minutes have hidden him.
        return bool(told - known) or not known - told

    asking = [game for game in games if game.nba_game_id]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {game.key for game, other in zip(asking, pool.map(differs, asking), strict=True) if other}


def ask_for(client: UpstreamClient, games: list[ScheduledGame], progress: Progress) -> list[GameAnswers]:
    """Asks the chain for each game, a few games at once; the order of the result is that of `games`."""
    lookups = _Lookups(client)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = []
        for done, entry in enumerate(pool.map(lambda g: _chain(client, lookups, g), games)):
            found.append(entry)
            progress(done + 1, len(games), entry.game.key)
    return found


def record(log: ScrapeLog, entry: GameAnswers, detail: str = "") -> None:
    """Logs every answer for a game; `detail` of one that adds up: why it was asked for again."""
    game = entry.game
    for answer in entry.answers:
        request = f"box_score/{game.key}/{answer.source}"
        if answer.reply is None and answer.error is not None:
            log.miss(request, answer.source, answer.error, subject=game.game_date)
        elif answer.reply is not None:
            failed = answer.box is None
            log.store(
                request,
                answer.source,
                answer.reply,
                subject=game.game_date,
                status="failed" if failed else "incomplete" if answer.shortcomings else "ok",
                detail=str(answer.error) if failed else answer.shortcomings or detail,
                independent=answer.box.independent if answer.box else None,
            )


class _Lookups:
    """The ids that other sources give to games, asked for once per date."""

    def __init__(self, client: UpstreamClient) -> None:
        self._client = client
        self._espn: dict[date, dict[str, str]] = {}
        self._balldontlie: dict[date, dict[tuple[str, str], int]] = {}

    def espn_event(self, game: ScheduledGame) -> str:
        """ESPN's event id. Raises `DataNotReady` if it doesn't list the game."""
        if game.game_date not in self._espn:
            body = espn.scoreboard(self._client, game.game_date).body
            self._espn[game.game_date] = {g.key: e for g, e in espn.parse_scoreboard(body)}
        if game.key not in self._espn[game.game_date]:
            msg = f"espn: does not list {game.key}"
            raise DataNotReady(msg)
        return self._espn[game.game_date][game.key]

    def balldontlie_game(self, game: ScheduledGame) -> int:
        """BallDontLie's game id. Raises `DataNotReady` if it doesn't list the game."""
        if game.game_date not in self._balldontlie:
            body = balldontlie.games(self._client, game.game_date).body
            self._balldontlie[game.game_date] = balldontlie.parse_games(body)
        found = self._balldontlie[game.game_date].get((game.away, game.home))
        if found is None:
            msg = f"balldontlie: does not list {game.key}"
            raise DataNotReady(msg)
        return found


def _chain(client: UpstreamClient, lookups: _Lookups, game: ScheduledGame) -> GameAnswers:
    steps: list[tuple[str, Callable[[], Reply], Callable[[bytes], BoxScore]]] = [
        (
            espn.SOURCE,
            lambda: espn.summary(client, lookups.espn_event(game)),
            espn.parse_summary,
        ),
        (
            balldontlie.SOURCE,
            lambda: balldontlie.stats(client, lookups.balldontlie_game(game)),
            lambda body: balldontlie.parse_stats(body, game.home, game.away),
        ),
    ]
    if game.nba_game_id:
        first = (
            nba_cdn.SOURCE,
            lambda: nba_cdn.box_score(client, game.nba_game_id),
            nba_cdn.parse_box_score,
        )
        steps.insert(0, first)
    entry = GameAnswers(game)
    for source, ask, read in steps:
        got = asked(ask, read)
        found = box_shortcomings(got.value) if got.value else ""
        entry.answers.append(Answer(source, got.reply, got.value, got.error, found))
        if entry.settled:
            break
    return entry


def parse_stored(source: str, body: bytes, game: ScheduledGame) -> BoxScore:
    """A stored box score of a game, by the source it came from."""
    if source == nba_cdn.SOURCE:
        return nba_cdn.parse_box_score(body)
    if source == espn.SOURCE:
        return espn.parse_summary(body)
    return balldontlie.parse_stats(body, game.home, game.away)
