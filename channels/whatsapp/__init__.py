"""WhatsApp over Twilio: the REST API and its signed webhooks, with the twilio library."""
