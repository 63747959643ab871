"""SMS over Twilio: the worked example of docs/add-a-channel.md."""
