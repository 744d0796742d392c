"""The process around the bot: settings, command line, connection to Slack, composition root."""
