"""What the answers look like, for the published schema. Pages themselves skip serializers."""

from __future__ import annotations

from rest_framework import serializers

from integrations.http.schema import any_fields


class PupilSchema(serializers.Serializer):
    """A pupil with the main enrolment of today (or the next one to come)."""

    id = serializers.UUIDField(help_text="Сталий ідентифікатор (UUIDv7)")
    surname = serializers.CharField()
    given_name = serializers.CharField()
    patronymic = serializers.CharField(allow_null=True)
    sex = serializers.ChoiceField(choices=["M", "F"])
    born_on = serializers.DateField()
    class_id = serializers.UUIDField()
    class_label = serializers.CharField(help_text="«5-А»")
    grade = serializers.IntegerField(min_value=0, max_value=13)
    form = serializers.CharField(help_text="Код довідника education_form")
    enrolled_on = serializers.DateField()
    version = serializers.IntegerField()


class ClassSchema(serializers.Serializer):
    """A class of a school year."""

    id = serializers.UUIDField()
    school_year = serializers.CharField(help_text="«2026-2027»")
    grade = serializers.IntegerField()
    letter = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # a field named as an option
    form = serializers.CharField()
    type = serializers.CharField()
    language = serializers.CharField()
    shift = serializers.IntegerField()
    teacher_id = serializers.UUIDField(allow_null=True)
    pupils = serializers.IntegerField(help_text="Скільки учнів у класі зараз")
    profile = serializers.CharField(required=False, allow_null=True)
    capacity = serializers.IntegerField(
        required=False, allow_null=True, help_text="Гранична наповнюваність (fields=capacity)"
    )
    version = serializers.IntegerField(required=False)


class GroupSchema(serializers.Serializer):
    """Part of a class, or of several classes together, for one subject."""

    id = serializers.UUIDField()
    school_year = serializers.CharField(help_text="«2026-2027»")
    subject = serializers.CharField(help_text="«Англійська мова»")
    name = serializers.CharField(help_text="«1 група»")
    class_ids = serializers.ListField(child=serializers.UUIDField())
    pupils = serializers.IntegerField(help_text="Скільки учнів у групі зараз")
    opened_on = serializers.DateField()
    version = serializers.IntegerField()


class StaffSchema(serializers.Serializer):
    """A post with the person who holds it; whoever holds two posts comes twice."""

    id = serializers.UUIDField(help_text="Сталий ідентифікатор посади (UUIDv7)")
    surname = serializers.CharField()
    given_name = serializers.CharField()
    patronymic = serializers.CharField(allow_null=True)
    position = serializers.CharField()
    is_main = serializers.BooleanField()
    rate = serializers.FloatField()
    employee_id = serializers.UUIDField(
        required=False, help_text="Особа: одна, хоч скільки має посад (fields=employee_id)"
    )
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False)


class LoadSchema(serializers.Serializer):
    """One line of the load: what a post teaches to which classes in a school year."""

    id = serializers.UUIDField(help_text="Сталий ідентифікатор рядка (UUIDv7)")
    staff_id = serializers.UUIDField(help_text="Посада, id з /staff")
    school_year = serializers.CharField(help_text="«2026-2027»")
    type = serializers.CharField(help_text="Код довідника load_type")
    subject = serializers.CharField(allow_null=True, help_text="Код довідника навчальних предметів")
    name = serializers.CharField(allow_null=True, help_text="Назва гуртка")
    is_primary = serializers.BooleanField(help_text="Основний предмет викладання")
    hours = serializers.FloatField(help_text="Годин на тиждень за всім рядком")
    class_ids = serializers.ListField(child=serializers.UUIDField())
    group_id = serializers.UUIDField(allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class EnrolmentSchema(serializers.Serializer):
    """A pupil at the institution for a period, and the orders that opened and closed it."""

    pupil_id = serializers.UUIDField(help_text="Учень, який навчається зараз, є за /pupils/{id}")
    kind = serializers.ChoiceField(
        choices=["MAIN", "SUPPLEMENTARY"], help_text="SUPPLEMENTARY — поряд з основним закладом"
    )
    form = serializers.CharField(help_text="Код довідника education_form")
    starts_on = serializers.DateField(help_text="Перший день навчання")
    ends_on = serializers.DateField(
        allow_null=True, help_text="День, з якого вже не навчається; null — навчається далі"
    )
    enrolled_by = serializers.CharField(
        allow_null=True, help_text="Номер наказу про зарахування; null — перенесено без наказу"
    )
    enrolled_by_of = serializers.DateField(allow_null=True, help_text="Дата цього наказу")
    withdrawn_by = serializers.CharField(allow_null=True, help_text="Номер наказу про вибуття")
    withdrawn_by_of = serializers.DateField(allow_null=True, help_text="Дата цього наказу")


class FindingSchema(serializers.Serializer):
    """A rule of the pack that a pupil's data break."""

    pupil_id = serializers.UUIDField()
    rule = serializers.CharField(
        help_text="Код правила; вага, назва і де виправити — у пакеті /quality/rules"
    )
    found_on = serializers.DateField(help_text="Відколи правило порушено")


class AbsenceSchema(serializers.Serializer):
    """A record of the children's register: a pupil absent ten working days in a row."""

    id = serializers.UUIDField()
    pupil_id = serializers.UUIDField()
    state = serializers.CharField(
        help_text="RECORDED, ESTABLISHED, NOTIFIED, ANSWERED або CLOSED: що зроблено про відсутність"
    )
    since = serializers.DateField(help_text="Перший день відсутності")
    until = serializers.DateField(help_text="Останній відомий день відсутності")
    opened_on = serializers.DateField(help_text="Коли записано")
    due_on = serializers.DateField(
        allow_null=True, help_text="До якого дня треба зробити наступний крок; null, якщо завершено"
    )
    outcome = serializers.CharField(help_text="Чим завершено; порожньо, доки триває")
    closed_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class RulesSchema(serializers.Serializer):
    """A pack of rules of data quality: its words are told in it."""

    pack = serializers.CharField(help_text="Рік пакета")
    version = serializers.CharField(help_text="Змінюється з кожною зміною правил")
    semantics = serializers.CharField(help_text="Як читати умови")
    indicators = serializers.ListField(child=serializers.DictField())
    facts = serializers.DictField(help_text="Факти, які називають правила: тип і зміст")
    rules = serializers.ListField(child=serializers.DictField())


class InstitutionSchema(serializers.Serializer):
    """The institution whose head granted the key."""

    id = serializers.UUIDField()
    edrpou = serializers.CharField(allow_null=True)
    diso_id = serializers.CharField(allow_null=True)
    edebo_id = serializers.CharField(allow_null=True)
    full_name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.CharField()
    type = serializers.CharField()
    ownership = serializers.CharField()
    status = serializers.CharField()
    territory_code = serializers.CharField(help_text="КАТОТТГ, 19 знаків")
    address = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    is_hub = serializers.BooleanField()
    hub_id = serializers.UUIDField(allow_null=True)
    is_rural = serializers.BooleanField()
    is_mountain = serializers.BooleanField()
    languages = serializers.ListField(child=serializers.CharField())
    shifts = serializers.IntegerField()
    version = serializers.IntegerField()


def _page(row: type[serializers.Serializer], what: str) -> type[serializers.Serializer]:
    following = serializers.CharField(
        allow_null=True,
        help_text="Значення параметра after наступної сторінки; null — рядків більше немає",
    )
    return type(
        row.__name__.replace("Schema", "PageSchema"),
        (serializers.Serializer,),
        {"__doc__": what, "items": any_fields(row)(many=True), "next": following},
    )


PupilPageSchema = _page(PupilSchema, "A page of pupils.")
ClassPageSchema = _page(ClassSchema, "A page of classes.")
GroupPageSchema = _page(GroupSchema, "A page of groups.")
StaffPageSchema = _page(StaffSchema, "A page of staff.")
AbsencePageSchema = _page(AbsenceSchema, "A page of absences.")
FindingPageSchema = _page(FindingSchema, "A page of findings.")
LoadPageSchema = _page(LoadSchema, "A page of the load.")
EnrolmentPageSchema = _page(EnrolmentSchema, "A page of enrolments.")


class ChangeSchema(serializers.Serializer):
    """What to do with one row of a copy."""

    at = serializers.DateTimeField(help_text="Коли це помітили")
    resource = serializers.ChoiceField(
        choices=["institution", "classes", "groups", "staff", "load", "pupils"]
    )
    op = serializers.ChoiceField(
        choices=["insert", "update", "delete", "merge", "leave"],
        help_text="leave — рядок є, але вже не у вашому закладі; merge — обʼєднано з into",
    )
    id = serializers.UUIDField()
    into = serializers.UUIDField(required=False, help_text="З ким обʼєднано")
    row = serializers.DictField(
        required=False,
        allow_null=True,
        help_text="Рядок, яким він є зараз, як у відповіді своєї адреси; null — він змінився ще раз, "
        "про це далі",
    )


class ChangePageSchema(serializers.Serializer):
    """Changes after a cursor."""

    items = ChangeSchema(many=True)
    next = serializers.CharField(help_text="Позначка за цими змінами: збережіть її разом з даними")
    more = serializers.BooleanField(help_text="Чи є вже ще зміни")


class ChangesStartSchema(serializers.Serializer):
    """Where a copy begins."""

    cursor = serializers.CharField(help_text="Візьміть її до повного читання")


class HookSchema(serializers.Serializer):
    """An address that a system is woken at."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    enabled = serializers.BooleanField(help_text="false — вимкнено після тривалих невдач")
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_null=True)
    failures = serializers.IntegerField(help_text="Скільки спроб поспіль не вдалося")
    delivered_at = serializers.DateTimeField(
        allow_null=True, help_text="Коли адреса востаннє прийняла сповіщення"
    )


class HookListSchema(serializers.Serializer):
    """Addresses of a system for a school."""

    items = HookSchema(many=True)


class HookMessageSchema(serializers.Serializer):
    """A wake-up and what became of it."""

    id = serializers.UUIDField(help_text="Заголовок webhook-id")
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["OPEN", "SENT", "DEAD"])
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="Остання відповідь адреси")
    trouble = serializers.CharField(allow_null=True)


class HookCardSchema(HookSchema):
    """An address with its last messages."""

    undelivered = serializers.IntegerField(help_text="Скільки сповіщень не доставлено (DEAD)")
    messages = HookMessageSchema(many=True)


class HookSecretSchema(serializers.Serializer):
    """The secret of an address, shown once."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    secret = serializers.CharField(help_text="whsec_…: ключ HMAC-SHA256 у Base64 після префікса")


class DictionaryNameSchema(serializers.Serializer):
    """A dictionary's name for addresses and its title for people."""

    name = serializers.CharField()
    title = serializers.CharField()


class DictionaryListSchema(serializers.Serializer):
    """All dictionaries."""

    items = DictionaryNameSchema(many=True)


class DictionaryItemSchema(serializers.Serializer):
    """One code in one of its editions."""

    code = serializers.CharField()
    name = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class DictionarySchema(serializers.Serializer):
    """One dictionary."""

    items = DictionaryItemSchema(many=True)


class ProblemErrorSchema(serializers.Serializer):
    """One wrong input."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class OutcomeSchema(serializers.Serializer):
    """What became of one row."""

    row = serializers.IntegerField(help_text="Номер рядка в запиті, від 0")
    result = serializers.ChoiceField(choices=["new", "changed", "same", "refused"])
    id = serializers.UUIDField(required=False)
    version = serializers.IntegerField(required=False)
    errors = ProblemErrorSchema(many=True, required=False)  # type: ignore[assignment]


class CountsSchema(serializers.Serializer):
    """How many rows ended how."""

    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    refused = serializers.IntegerField()


class BulkSchema(serializers.Serializer):
    """The outcome of a bulk write, row by row."""

    dry_run = serializers.BooleanField()
    counts = CountsSchema()
    items = OutcomeSchema(many=True)


class ProblemSchema(serializers.Serializer):
    """RFC 9457 problem details; `code` is the last part of `type`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    instance = serializers.CharField(required=False)
    errors = ProblemErrorSchema(many=True, required=False)  # type: ignore[assignment]
