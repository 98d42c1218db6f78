"""`python -m aikom.demo.cloud_keys`: a service of cloud keys about the demo's people; this terminal
is the phone. Writes the file that SIGNATURES_CLOUD is to name (docs/how-to/tokens-and-cloud-keys.md).
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

import django

PORT = 8099


def main() -> int:
    """Serve until Ctrl-C, asking here what a phone would ask."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.dev")
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from aikom.demo.id_gov_ua import people
    from signatures.demo.authority import stored
    from signatures.demo.cloud import SECRET, CloudKeys

    authority, now = stored(), timezone.now()
    keys = {
        one.drfocode: authority.issue_person(
            full_name=f"{one.surname} {one.given_name} {one.patronymic}",
            surname=one.surname,
            given_name=f"{one.given_name} {one.patronymic}",
            rnokpp=one.drfocode,
            edrpou=one.edrpoucode,
            organisation=one.organisation,
            title=one.title,
            kind="employee",
            at=now,
        )
        for one in people()
        if one.drfocode and one.edrpoucode
    }
    service = CloudKeys(keys, port=PORT)
    path = settings.SIGNATURES_DEMO_DIR / "cloud.toml"
    path.write_text(
        '[[service]]\ncode = "demo"\nname = "Навчальний хмарний підпис"\n'
        f'address = "{service.address}"\nclient_id = "aikom"\nclient_secret = "{SECRET}"\n'
    )
    sys.stdout.write(f"{service.address}; SIGNATURES_CLOUD={path}\n")
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        while True:
            for question in list(service.questions.values()):
                if question.said is None:
                    question.said = input(f"{question.words}. Підтвердити? [т/н] ").lower() == "т"
            time.sleep(0.5)
    service.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
