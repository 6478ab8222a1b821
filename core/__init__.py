"""The programme. Knows nothing of Telegram, HTTP or templates; reads as what the system does."""
