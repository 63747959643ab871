"""Conversations over several Rasa servers."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from bot.dialogue.replicas import Replicas

URLS = "http://a:1, http://b:2/,http://c:3"
PEOPLE = [str(UUID(int=n)) for n in range(3000)]


class Watch:
    """Stands still until it is moved."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_conversation_goes_to_the_same_server_in_every_process() -> None:
    assert [Replicas(URLS).order(one)[0] for one in PEOPLE] == [Replicas(URLS).order(one)[0] for one in PEOPLE]


def test_conversations_spread_evenly_and_the_loss_of_one_server_moves_only_its_own() -> None:
    three, two = Replicas(URLS), Replicas("http://a:1,http://b:2")
    homes = {one: three.order(one)[0] for one in PEOPLE}
    assert min(Counter(homes.values()).values()) > 850
    assert all(two.order(one)[0] == home for one, home in homes.items() if home != "http://c:3")


def test_a_server_that_does_not_answer_is_asked_last_for_a_while() -> None:
    watch = Watch()
    servers = Replicas(URLS, watch)
    home, second, third = servers.order("x")
    servers.failed(home)
    assert list(servers.order("x")) == [second, third, home]
    watch.at += 6
    assert servers.order("x")[0] == home


def test_one_server_is_always_asked() -> None:
    alone = Replicas("http://a:1/")
    alone.failed("http://a:1")
    assert alone.order("x") == ("http://a:1",)
