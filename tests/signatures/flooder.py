"""Many uploads at once from a process of its own: `flooder.py PORT COUNT FILE` prints statuses."""

import concurrent.futures
import http.client
import sys
from pathlib import Path


def upload(port: int, data: bytes) -> int:
    """One file to «Перевірка підпису»; the status of the answer."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.p7s"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n--b--\r\n"
    )
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    client.request("POST", "/verify/", body, {"Content-Type": "multipart/form-data; boundary=b"})
    return client.getresponse().status


if __name__ == "__main__":
    port, count, file = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]).read_bytes()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(upload, port, file) for _ in range(count)]:
            sys.stdout.write(f"{done.result()}\n")
