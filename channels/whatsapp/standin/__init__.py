"""Twilio as a stand-in: its REST API and webhooks as documented, and the citizens' phones behind them."""
