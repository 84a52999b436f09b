"""Registers the players whom today's box scores and rosters show for the first time."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.assembly import assemble, stored_boxes
from activities.raw.resolution import Registry
from activities.raw.rosters import listed
from activities.raw.teams import teams_before
from activities.scrape.sources import espn


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """New rows of `nba_reference.players`, under today's date; nobody is registered twice.

    A known player has a row more where a source that has his id gave him another name, or an id at last. A
    name on a roster that fits several players is none of them, and nobody new.
    """
    registry = Registry(frames["players"], teams_before(frames, context.dates))
    boxes = stored_boxes(frames["responses"], context.objects)
    for done, (game, versions) in enumerate(boxes):
        assemble(game, versions, registry, context.game_date)
        progress(done + 1, len(boxes), game.key)
    for entry in listed(frames["responses"], context.objects):
        if not registry.anybody(entry.name, not_of=entry.not_of):
            registry.find_or_add(
                entry.name, None, team=entry.team, source=espn.SOURCE, on=context.game_date,
                not_of=entry.not_of,
            )  # fmt: skip
    learned = len(registry.added) - registry.new_players
    facts = {"new_players": registry.new_players, "learned": learned}
    return Output(registry.added_frame(), (context.game_date,), facts=facts)
