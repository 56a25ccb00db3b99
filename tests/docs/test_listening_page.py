"""The certificates that `docs/listening.md` makes are ones that listener and sender accept."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from monitor.listening_addresses import server_context
from monitor.settings import load
from tests.docs.pages import ROOT, blocks

HOST = "wardwatch.example.org"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
def test_the_certificates_of_the_page_are_good_for_mutual_tls(tmp_path: Path) -> None:
    (script,) = blocks(ROOT / "docs" / "listening.md", "bash")
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    server = server_context(
        load(
            environment={
                "WARDWATCH_LISTEN_CERTIFICATE": str(tmp_path / "listen.pem"),
                "WARDWATCH_LISTEN_KEY": str(tmp_path / "listen.key"),
                "WARDWATCH_LISTEN_CLIENT_CA": str(tmp_path / "ca.pem"),
            }
        )
    )
    client = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    client.load_cert_chain(tmp_path / "sender.pem", tmp_path / "sender.key")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sender = client.wrap_bio(back, there, server_hostname=HOST)
    listener = server.wrap_bio(there, back, server_side=True)
    for _ in range(4):
        for side in (sender, listener):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    shown = listener.getpeercert()
    assert shown
    assert shown["subject"] == ((("commonName", "ehr.example.org"),),)
    assert sender.version() in ("TLSv1.2", "TLSv1.3")
