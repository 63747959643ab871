"""The installation's choices as the use cases know them (part of :mod:`bot.bootstrap`)."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.handoff import DeskPolicy
from bot.settings import Settings
from bot.usecases.deps import Policy


def policy_of_settings(settings: Settings) -> Policy:
    """Numbers and switches out of the settings."""
    return Policy(
        assurance=timedelta(days=settings.assurance_days),
        first_assurance=timedelta(hours=settings.first_assurance_hours),
        step_up=timedelta(hours=settings.step_up_hours),
        step_up_services=frozenset(settings.step_up_services),
        liveness=settings.liveness,
        check_limit=timedelta(hours=settings.identity_limit_hours),
        repair=timedelta(days=settings.repair_days),
        document_link=timedelta(hours=settings.document_link_hours),
        document_link_channels=frozenset(settings.document_link_channels),
        desk=DeskPolicy(
            lease=timedelta(seconds=settings.desk_lease_s),
            silent=timedelta(hours=settings.desk_silent_hours),
            news=timedelta(minutes=settings.desk_news_minutes),
            away=timedelta(minutes=settings.desk_away_minutes),
        ),
        # An invented citizen has two photographs: once in the template, they would be copies of it ever after.
        fresh_frames=not settings.demo,
    )
