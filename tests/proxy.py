"""A reverse proxy as nginx is one: it shows an app under a sub-path, stripped or not, with or without TLS."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser import free_port


@contextmanager
def proxied(port: int, prefix: str, *, strips: bool, says: dict[str, str], folder: Path | None = None) -> Iterator[str]:
    """The address at which the app on `port` is shown; `says` are headers added, `folder` is for a TLS certificate."""
    own = free_port()
    loop = asyncio.new_event_loop()

    async def handle(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        line, *headers = head[:-4].decode().split("\r\n")
        method, path, version = line.split(" ")
        if path != prefix and not path.startswith(f"{prefix}/"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        path = (path.removeprefix(prefix) or "/") if strips else path
        if not any(header.lower().startswith("upgrade:") for header in headers):
            headers = [header for header in headers if not header.lower().startswith("connection:")]
            headers.append("Connection: close")
        headers += [f"{name}: {value}" for name, value in says.items()]
        reader_above, writer_above = await asyncio.open_connection("127.0.0.1", port)
        writer_above.write("\r\n".join([f"{method} {path} {version}", *headers, "", ""]).encode())
        await asyncio.gather(pump(reader, writer_above), pump(reader_above, writer), return_exceptions=True)

    async def serve():
        await asyncio.start_server(handle, "127.0.0.1", own, ssl=certificate(folder) if folder else None)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    try:
        yield f"{'https' if folder else 'http'}://localhost:{own}{prefix}"
    finally:
        asyncio.run_coroutine_threadsafe(ended(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def ended() -> None:
    """End every connection: one left open would be ended by the garbage collector, in the middle of another test."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until their end."""
    try:
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    finally:
        writer.close()


def certificate(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate signed by nobody, made by the openssl program."""
    key, signed = folder / "key.pem", folder / "signed.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", key,
         "-out", signed], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    return context
