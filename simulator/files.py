"""Files of both sides. A file's id works for one bot only, as on the real server."""

import secrets
from dataclasses import dataclass

from .errors import bad_request
from .images import content_type, grey_png, image_size
from .people import Json

MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024


@dataclass(frozen=True)
class StoredFile:
    """Bytes with the names under which a bot and the page reach them. `path` is relative to /file/bot<token>/."""

    bot_id: int
    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    data: bytes
    width: int = 0
    height: int = 0

    def fields(self) -> Json:
        """What every file object of the Bot API has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}

    def photo_size(self) -> Json:
        """The Bot API's PhotoSize object."""
        return self.fields() | {"width": self.width, "height": self.height}


class FileStore:
    """All files of one simulator, in memory."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[tuple[int, str], StoredFile] = {}

    def add(self, bot_id: int, folder: str, name: str, data: bytes, mime: str = "") -> StoredFile:
        """Keep the bytes; `folder` is the server's, such as "photos" or "documents"."""
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > MAX_UPLOAD:
            raise bad_request("file is too big")
        width, height = image_size(data) or (0, 0)
        suffix = name.rpartition(".")[2].lower() if "." in name else "bin"
        number = secrets.token_hex(6)
        file = StoredFile(
            bot_id=bot_id,
            file_id=f"Ag{secrets.token_urlsafe(36)}",
            unique_id=f"AQ{secrets.token_urlsafe(10)}",
            path=f"{folder}/file_{number}.{suffix if suffix.isalnum() else 'bin'}",
            name=name,
            mime=mime or content_type(data),
            data=data,
            width=width,
            height=height,
        )
        self._by_id[file.file_id] = file
        self._by_path[bot_id, file.path] = file
        return file

    def put(self, file: StoredFile) -> None:
        """Take a file that an earlier run kept, under the names it had."""
        self._by_id[file.file_id] = file
        self._by_path[file.bot_id, file.path] = file

    def add_photo(self, bot_id: int, data: bytes) -> list[StoredFile]:
        """Sizes of a photo, smallest first. The small one is a grey stand-in: only the last shows the picture."""
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > MAX_PHOTO:
            raise bad_request("file is too big")
        size = image_size(data)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = size
        if not width or not height or width + height > 10_000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        full = self.add(bot_id, "photos", "photo.jpg", data)
        if max(size) <= 90:
            return [full]
        scale = 90 / max(size)
        small = grey_png(max(1, round(width * scale)), max(1, round(height * scale)))
        return [self.add(bot_id, "photos", "photo.jpg", small), full]

    def by_id(self, bot_id: int, file_id: str) -> StoredFile | None:
        """The file of that id, if it is this bot's."""
        file = self._by_id.get(file_id)
        return file if file is not None and file.bot_id == bot_id else None

    def by_path(self, bot_id: int, path: str) -> StoredFile | None:
        """The file under that path of /file/bot<token>/."""
        return self._by_path.get((bot_id, path))

    def any(self, file_id: str) -> StoredFile | None:
        """The file of that id, whosever it is: for the page, which sees all."""
        return self._by_id.get(file_id)
