"""Registers the players whom today's box scores and rosters show for the first time."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.assembly import assemble, stored_boxes
from activities.raw.resolution import Registry
from activities.scrape.log import stored
from activities.scrape.sources import espn


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """New rows of `nba_reference.players`, under today's date; nobody is registered twice."""
    registry = Registry(frames["players"])
    boxes = stored_boxes(frames["responses"], context.objects)
    for done, (game, versions) in enumerate(boxes):
        assemble(game, versions, registry, context.game_date)
        progress(done + 1, len(boxes), game.key)
    for row, body in stored(frames["responses"], context.objects, "roster/"):
        if row["status"] != "ok":
            continue
        team = str(row["request"]).split("/")[1]
        for name in espn.parse_roster(body):
            registry.find_or_add(name, None, team=team, source=espn.SOURCE, on=context.game_date)
    return Output(registry.added_frame(), (context.game_date,), facts={"new_players": len(registry.added)})
