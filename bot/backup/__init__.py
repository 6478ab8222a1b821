"""Copies of the whole database in one file, the same for SQLite and PostgreSQL."""

from bot.backup.archive import BadArchive
from bot.backup.restore import RestoreRefused, restore_database
from bot.backup.take import BackupRefused, back_up_database

__all__ = ["BackupRefused", "BadArchive", "RestoreRefused", "back_up_database", "restore_database"]
