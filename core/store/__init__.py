"""The only room with SQL: models, the ledger's writer, reads for screens, transactions."""
