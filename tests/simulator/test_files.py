"""Pictures and files, there and back."""

import pytest

from simulator import World
from simulator.images import image_size
from tests.simulator.clients import Client, Refused
from tests.simulator.conftest import ANNA, SHOP, TILL, Raw
from tests.simulator.pictures import picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("size", [(300, 200), (17, 33)])
def test_sizes_are_read_from_the_bytes(kind: str, size: tuple[int, int]) -> None:
    assert image_size(picture(*size, kind)) == size


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"text", b"RIFF1234WEBPVP8 "]
)
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    assert image_size(data) is None


async def test_a_bots_picture_is_seen(client: Client, world: World) -> None:
    sent = await client.photo(ANNA.id, picture(), "Caption /card")
    assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("Caption /card", "bot_command")
    assert (sent["photo"][-1]["width"], sent["photo"][-1]["height"]) == (300, 200)
    assert world.last(ANNA, SHOP).photo == picture()


async def test_a_picture_is_sent_again_by_its_id(client: Client, world: World) -> None:
    sent = await client.photo(ANNA.id, picture())
    again = await client.call("sendPhoto", chat_id=ANNA.id, photo=sent["photo"][-1]["file_id"])
    assert again["photo"][-1]["file_unique_id"] == sent["photo"][-1]["file_unique_id"]
    assert world.last(ANNA, SHOP).photo == picture()


async def test_a_persons_picture_is_downloaded_in_full_only_from_the_last_size(
    client: Client, world: World
) -> None:
    world.send_photo(ANNA, SHOP, picture(), "look")
    (update,) = await client.updates()
    sizes = update["message"]["photo"]
    assert update["message"]["caption"] == "look"
    assert [size["width"] for size in sizes] == [90, 300]
    assert await client.download(sizes[-1]["file_id"]) == picture()
    assert await client.download(sizes[0]["file_id"]) != picture()


async def test_documents_go_both_ways(client: Client, world: World) -> None:
    sent = await client.document(ANNA.id, b"a;b\n1;2\n", "отчёт.csv")
    assert sent["document"]["file_name"] == "отчёт.csv"
    assert world.last(ANNA, SHOP).document == b"a;b\n1;2\n"
    world.send_document(ANNA, SHOP, b"c;d\n", "in.csv", mime="text/csv")
    (update,) = await client.updates()
    document = update["message"]["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == ("in.csv", "text/csv", 4)
    assert await client.download(document["file_id"]) == b"c;d\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no picture", "image_process_failed"),
        (picture(2100, 100), "photo_invalid_dimensions"),
        (picture(9000, 1001), "photo_invalid_dimensions"),
    ],
)
async def test_what_is_no_photo_is_refused(client: Client, data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        await client.photo(ANNA.id, data)
    assert refused.value.words == words


async def test_a_caption_has_at_most_1024_characters(client: Client) -> None:
    assert await client.photo(ANNA.id, picture(), "x" * 1024)
    with pytest.raises(Refused) as refused:
        await client.photo(ANNA.id, picture(), "x" * 1025)
    assert refused.value.words == "message caption is too long"


async def test_unknown_files(raw: Raw) -> None:
    assert await raw.words("getFile", file_id="none") == "Bad Request: invalid file_id"
    assert await raw.words("sendPhoto", chat_id=ANNA.id) == "Bad Request: there is no photo in the request"
    assert await raw.words("sendPhoto", chat_id=ANNA.id, photo="none") == (
        "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol"
    )
    assert await raw.words("sendPhoto", chat_id=ANNA.id, photo="attach://none") == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )
    assert await raw.words("sendPhoto", chat_id=ANNA.id, photo="https://example.org/x.png") == (
        "Bad Request: failed to get HTTP URL content"
    )


async def test_a_files_id_works_for_its_bot_only(raw: Raw, world: World) -> None:
    message = world.send_photo(ANNA, SHOP, picture())
    assert isinstance(message.media.value, list)
    file_id = message.media.value[-1]["file_id"]
    path = (await raw("getFile", file_id=file_id))["result"]["file_path"]
    assert await raw.words("getFile", token=TILL.token, file_id=file_id) == "Bad Request: invalid file_id"
    async with raw.session.get(f"{raw.url}/file/bot{SHOP.token}/{path}") as answer:
        assert (answer.status, await answer.read()) == (200, picture())
    async with raw.session.get(f"{raw.url}/file/bot{TILL.token}/{path}") as answer:
        assert (answer.status, (await answer.json())["description"]) == (404, "Not Found")


async def test_a_file_over_20_mb_can_not_be_downloaded(raw: Raw, world: World) -> None:
    message = world.send_document(ANNA, SHOP, bytes(20 * 1024 * 1024 + 1))
    assert isinstance(message.media.value, dict)
    words = await raw.words("getFile", file_id=message.media.value["file_id"])
    assert words == "Bad Request: file is too big"
