"""The web chat: the widget of ``bot/web/static`` and any client of ``docs/openapi.yaml``."""
