"""Where files are."""

from simulator.errors import bad_request
from simulator.files import MAX_DOWNLOAD
from simulator.people import Json

from .registry import Request, method


@method("getFile")
def get_file(request: Request) -> Json:
    """The File object with the path to download it from, up to 20 MB."""
    file_id = request.params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = request.world.files.by_id(request.bot.id, file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return file.fields() | {"file_path": file.path}
