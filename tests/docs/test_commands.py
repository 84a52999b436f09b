"""Every command that a document shows is one that the command line accepts."""

from __future__ import annotations

import re

import pytest

from tests.docs import shown

DOCUMENTS = shown.documents()
IDS = [str(file.relative_to(shown.ROOT)) for file in DOCUMENTS]


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_every_command_of_a_document_is_accepted_by_the_parser(file):
    objections = [
        f"{command.where}: `{command.text}`: {said}"
        for command in shown.block_commands(file)
        for words in shown.tipoff_words(command)
        if (said := shown.objection(words))
    ]
    objections += [
        f"{command.where}: `{command.text}`: {said}"
        for command in shown.span_commands(file)
        for words in shown.span_words(command)
        if (said := shown.objection(words, form=True))
    ]
    assert not objections, "\n".join(objections)


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_no_command_stands_where_nothing_checks_it(file):
    strays = [f"{c.where}: `{c.text}`: put it into a ```sh block" for c in shown.stray_commands(file)]
    strays += [
        f"{said}: say `norun: why`, or nothing, behind the language" for said in shown.unknown_notes(file)
    ]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("file", DOCUMENTS, ids=IDS)
def test_every_link_inside_the_project_leads_somewhere(file):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", file.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (file.parent / link).exists()] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("frobnicate", "No such command 'frobnicate'"),
        ("start 2025-11-07 --forse", "No such option: --forse"),
        ("start 2025-11-07 2025-11-08", "unexpected extra argument"),
        ("models promot m", "No such command 'promot'"),
        ("retrigger 2025-11-07 --phase raw", "Missing option '--reason'"),
        ("backfill 2025-11-01 2025-11-07 --max-parallel many", "should be a valid integer"),
        ("backfill START END --only never", "'never' is not one of"),
    ],
)
def test_a_command_that_is_none_is_objected_to(words, said):
    assert said in shown.objection(words.split())


def test_a_form_may_leave_arguments_out_but_not_invent_options():
    assert shown.objection(["retrigger", "DATE", "--phase"], form=True) == ""
    assert shown.objection(["backfill", "START", "END", "--max-parallel", "N"], form=True) == ""
    assert "No such option" in shown.objection(["retrigger", "DATE", "--phse"], form=True)


def test_continued_lines_quotes_pipes_and_comments_are_read_as_a_shell_reads_them(tmp_path, monkeypatch):
    monkeypatch.setattr(shown, "ROOT", tmp_path)
    file = tmp_path / "x.md"
    file.write_text(
        "```sh\n"
        "# only a comment\n"
        "A=1 ./tipoff sql \\\n"
        '  "SELECT 1 | 2" --json | jq .rows   # exit code 3: waits\n'
        "```\n"
        "```sh norun: needs Docker\n"
        "docker compose up\n"
        "```\n"
        "`tipoff schedule pause|unpause [NAME]`\n"
    )
    ran, left = shown.block_commands(file)
    assert list(shown.tipoff_words(ran)) == [["sql", "SELECT 1 | 2", "--json"]]
    assert (ran.exit_code, ran.norun, ran.where) == (3, "", "x.md:3")
    assert (left.norun, left.exit_code) == ("needs Docker", 0)
    (span,) = shown.span_commands(file)
    assert shown.span_words(span) == [["schedule", "pause", "NAME"], ["schedule", "unpause", "NAME"]]
