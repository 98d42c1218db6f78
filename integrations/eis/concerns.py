"""Keys of school systems that end soon, for the authorities above the schools."""

from __future__ import annotations

from integrations.eis import policies
from registry.tallies.concerns import Concern, count, show

KEY_DAYS = 30

count(
    "eis_key",
    f"""
    SELECT k.institution_id, 'eis_key' AS code, count(*) AS n FROM eis_mandate k
    WHERE k.institution_id = ANY(%(ids)s) AND k.state = 'SIGNED' AND k.ended_at IS NULL
      AND k.valid_to > %(today)s AND k.valid_to <= %(today)s::date + {KEY_DAYS}
    GROUP BY k.institution_id
    """,  # noqa: S608 - a number of ours
)
show(
    Concern(
        code="eis_key",
        title=f"Доступ ОІС закінчується за {KEY_DAYS} днів",
        text="Без нового доступу обмін даними з електронним журналом зупиниться.",
        weight="heed",
        things=("доступ", "доступи", "доступів"),
        visible=policies.see_keys.allows,
    )
)
