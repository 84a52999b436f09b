"""Fills the warehouse with the lines of past dates, which evaluation and calibration are judged against."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.history import MARKER, ChunkWriter
from activities.raw.line_history import past_lines
from activities.raw.resolution import Registry
from activities.raw.teams import latest_teams
from activities.scrape.http import UpstreamClient
from activities.stores import Moment
from activities.surroundings import Surroundings
from shared.jobs import LineChunk, LineChunkRequest, LineChunkResult, LinePlan, LoadLinesInput
from shared.names import LOAD_LINE_CHUNK, PLAN_LINES

PROPS = "nba_raw.player_points_props"

A_SUMMER = timedelta(days=250)
"""How far back a player's team is looked for: beyond the summer, to the end of the season before."""


class LineLoader:
    """The activities that plan and load past lines."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=PLAN_LINES)
    def plan_lines(self, request: LoadLinesInput) -> LinePlan:
        """The dates with games and without lines, month by month."""
        with as_application_errors():
            until = request.end + timedelta(days=1)
            played = self._dates(MARKER, until)
            before = [day for day in played if day < request.start]
            wanted = (before[-request.run_in :] if request.run_in else []) + [
                day for day in played if day >= request.start
            ]
            present = set(self._dates(PROPS, until))
            missing = [day for day in wanted if day not in present]
            months = groupby(missing, key=lambda day: (day.year, day.month))
            return LinePlan(chunks=tuple(LineChunk(dates=tuple(days)) for _, days in months))

    @activity.defn(name=LOAD_LINE_CHUNK)
    def load_line_chunk(self, request: LineChunkRequest) -> LineChunkResult:
        """Loads the lines of some dates, all of them in one write."""
        info = activity.info()
        days = request.chunk.dates
        with as_application_errors(), heartbeating() as progress:
            warehouse = self._surroundings.warehouse
            run_id = info.workflow_run_id or ""
            context = self._surroundings.context_at(
                Moment(days[0], request.as_of, request.as_of, days, run_id)
            )
            players = warehouse.read("nba_reference.players", until=days[-1] + timedelta(days=1))
            games = warehouse.read(
                "nba_raw.player_box_scores", columns=["game_date", "player_id", "team_abbr"],
                since=days[0] - A_SUMMER, until=days[-1],
            )  # fmt: skip
            parts: list[pd.DataFrame] = []
            warnings: list[str] = []
            with UpstreamClient(context.upstreams) as client:
                for done, day in enumerate(days):
                    progress(done, len(days), day.isoformat())
                    known = players.loc[(players["registered_on"] <= pd.Timestamp(day)).to_numpy(dtype=bool)]
                    before = games.loc[(games["game_date"] < pd.Timestamp(day)).to_numpy(dtype=bool)]
                    registry = Registry(known, latest_teams(before))
                    rows, said = past_lines(client, context, day, registry)
                    parts.append(rows)
                    warnings += said
            found = [part for part in parts if len(part)]
            if found:
                write = ChunkWriter(self._surroundings, request.epoch, f"{run_id}/{info.activity_id}", run_id)
                write(PROPS, pd.concat(found, ignore_index=True), days)
            return LineChunkResult(
                dates=len(found),
                rows=sum(len(part) for part in found),
                warnings=tuple(w[:300] for w in warnings[:20]),
            )

    def _dates(self, table: str, until: date) -> list[date]:
        held = self._surroundings.warehouse.read(table, columns=["game_date"], until=until)
        return sorted({pd.Timestamp(day).date() for day in held["game_date"].unique()})
