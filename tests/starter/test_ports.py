"""Ports: the usual one if free, and never the same one for two stacks."""

from __future__ import annotations

import socket

from starter.ports import HOST, Ports


def a_free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def test_the_preferred_port_if_free_else_another(tmp_path):
    wanted = a_free_port()
    with socket.create_server((HOST, wanted)):
        assert Ports(tmp_path).take(wanted) != wanted
    assert Ports(tmp_path).take(wanted) == wanted


def test_a_leased_port_is_not_given_twice_though_nobody_listens_yet(tmp_path):
    wanted = a_free_port()
    first, second = Ports(tmp_path), Ports(tmp_path)
    assert first.take(wanted) == wanted
    assert second.take(wanted) != wanted
    first.release()
    assert Ports(tmp_path).take(wanted) == wanted
