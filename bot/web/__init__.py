"""Both bots by webhooks: Telegram posts updates here, and is answered 200 once they are done."""
