"""Telegram: bots of @BotFather behind our own server, by webhook or by asking (long polling)."""
