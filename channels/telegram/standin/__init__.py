"""A server on this machine that behaves as the documented Telegram Bot API, with the people's phones. See ``sandbox``."""
