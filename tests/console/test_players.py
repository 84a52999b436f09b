"""A player's page: as of a date, with nothing of that date in what the models saw."""

from __future__ import annotations

from datetime import date

from tests.console.serving import Served, parsed, words
from tests.operations.lived_days import DAYS
from worker.console.player_records import read_player
from worker.console.prediction_rows import PREDICTIONS

DAY = DAYS[2]


def someone(console: Served, day: date) -> int:
    """A player who is predicted on a day."""
    rows = console.around.warehouse.read(PREDICTIONS, columns=["player_id", "is_active"], dates=[day])
    return int(rows.loc[rows["is_active"].to_numpy(dtype=bool), "player_id"].min())


async def test_a_player_is_found_by_name_and_shown_with_games_form_and_predictions(console: Served) -> None:
    player = someone(console, DAY)
    records = read_player(console.around.warehouse, player, DAY)
    assert records is not None
    async with console.http() as http:
        listed = (await http.get("/players", params={"q": records.name.upper()})).text
        page = (await http.get(f"/players/{player}", params={"date": str(DAY)})).text
    assert any(address.startswith(f"/players/{player}?") for _, address in parsed(listed).addresses)
    said = words(page)
    assert records.name in said
    for prediction in records.today:
        assert f"{prediction['predicted_points']:.1f}" in said
    assert f"The {len(records.features)} features" in said
    assert len(records.features) == 33


async def test_what_the_models_saw_holds_no_game_of_the_date_or_later(console: Served) -> None:
    records = read_player(console.around.warehouse, someone(console, DAYS[1]), DAYS[1])
    assert records is not None
    assert records.games
    assert all(game["game_date"] < DAYS[1] for game in records.games)
    form = dict(records.form)
    last_five = [game["points"] for game in records.games][:5]
    assert abs(form["points_avg_last_5"] - sum(last_five) / len(last_five)) < 0.01
    assert form["last_game_date"] == records.games[0]["game_date"]


async def test_outcomes_are_drawn_beside_predictions_and_have_their_table(console: Served) -> None:
    warehouse = console.around.warehouse
    graded = warehouse.read("nba_predictions.prediction_results", dates=[DAYS[0]])
    played = graded.loc[graded["actual_points"].notna().to_numpy(dtype=bool)].iloc[0]
    async with console.http() as http:
        page = (await http.get(f"/players/{played['player_id']}", params={"date": str(DAY)})).text
    assert 'id="outcomes-title"' in page
    assert f"scored {int(played['actual_points'])}<" in page
    assert str(DAYS[0]) in words(page.partition("The numbers")[2])


async def test_an_unknown_player_is_said_to_be_unknown(console: Served) -> None:
    async with console.http() as http:
        answers = [await http.get(path) for path in ("/players/1", "/players/x", "/players/1?date=today")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Nothing is known of player 1" in words(answers[0].text)
