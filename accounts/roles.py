"""The role cascade (handbook B.1; АІКОМ FAQ, Aug 2024; постанова 1255 п.16): who stands below whom."""

from __future__ import annotations

from django.db import models


class UnitKind(models.TextChoices):
    """What a node of the tree of authorities is."""

    OWNER = "OWNER", "Володілець інформації"
    TECH_ADMIN = "TECH_ADMIN", "Технічний адміністратор"
    OBLAST = "OBLAST", "Орган управління освітою області"
    RAION = "RAION", "Орган управління освітою району"
    HROMADA = "HROMADA", "Орган управління освітою громади"
    CITY = "CITY", "Орган управління освітою міста"
    CITY_DISTRICT = "CITY_DISTRICT", "Орган управління освітою району в місті"
    INSTITUTION = "INSTITUTION", "Заклад освіти"
    # Beside the tree: nobody stands above it and nothing below.
    OPERATOR = "OPERATOR", "Оператор ОІС"


class Role(models.TextChoices):
    """What a grant lets its holder be. The order of RANK is the cascade, top first."""

    TECH_ADMIN = "TECH_ADMIN", "Технічний адміністратор"
    ANALYST = "ANALYST", "Аналітик МОН"
    OBLAST_ADMIN = "OBLAST_ADMIN", "Адміністратор області"
    RAION_ADMIN = "RAION_ADMIN", "Адміністратор району"
    HROMADA_ADMIN = "HROMADA_ADMIN", "Адміністратор громади (міста)"
    DISTRICT_ADMIN = "DISTRICT_ADMIN", "Адміністратор району в місті"
    HEAD = "HEAD", "Керівник закладу освіти"
    DEPUTY = "DEPUTY", "Відповідальна особа закладу"
    OPERATOR = "OPERATOR", "Представник оператора ОІС"


# Who acts without a grant: the system's own jobs, and a partner's school information system (ОІС).
SYSTEM = "SYSTEM"
EIS = "EIS"
# A natural person in the parents' window: reaches children by confirmed representation alone.
PARENT = "PARENT"

RANK: dict[str, int] = {
    Role.TECH_ADMIN: 0,
    Role.ANALYST: 5,
    Role.OBLAST_ADMIN: 10,
    Role.RAION_ADMIN: 20,
    Role.HROMADA_ADMIN: 30,
    Role.DISTRICT_ADMIN: 40,
    Role.HEAD: 50,
    Role.DEPUTY: 60,
    Role.OPERATOR: 70,
}

# At which kinds of node each role is held.
HELD_AT: dict[str, tuple[str, ...]] = {
    Role.TECH_ADMIN: (UnitKind.TECH_ADMIN,),
    Role.ANALYST: (UnitKind.OWNER,),
    Role.OBLAST_ADMIN: (UnitKind.OBLAST,),
    Role.RAION_ADMIN: (UnitKind.RAION,),
    Role.HROMADA_ADMIN: (UnitKind.HROMADA, UnitKind.CITY),
    Role.DISTRICT_ADMIN: (UnitKind.CITY_DISTRICT,),
    Role.HEAD: (UnitKind.INSTITUTION,),
    Role.DEPUTY: (UnitKind.INSTITUTION,),
    Role.OPERATOR: (UnitKind.OPERATOR,),
}

# Whom each role may create (handbook B.1). A deputy creates nobody; powers are not transferable.
CREATES: dict[str, tuple[str, ...]] = {
    Role.TECH_ADMIN: (
        Role.ANALYST,
        Role.OBLAST_ADMIN,
        Role.RAION_ADMIN,
        Role.HROMADA_ADMIN,
        Role.DISTRICT_ADMIN,
        Role.HEAD,
        Role.OPERATOR,
    ),
    Role.ANALYST: (),
    Role.OBLAST_ADMIN: (Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN, Role.HEAD),
    Role.RAION_ADMIN: (Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN, Role.HEAD),
    Role.HROMADA_ADMIN: (Role.DISTRICT_ADMIN, Role.HEAD),
    Role.DISTRICT_ADMIN: (Role.HEAD,),
    # A head of a hub creates the heads of its branches (FAQ: «Філії створює керівник опорного»).
    Role.HEAD: (Role.DEPUTY, Role.HEAD),
    Role.DEPUTY: (),
    Role.OPERATOR: (),
}


class Duty(models.TextChoices):
    """What a head may entrust to a deputy (handbook B.2). Signing orders is never among them."""

    PUPILS = "PUPILS", "Здобувачі освіти: профілі та підготовка наказів"
    CLASSES = "CLASSES", "Класи"
    STAFF = "STAFF", "Працівники"
    REPORTS = "REPORTS", "Підготовка звітності"
    TEACHING = "TEACHING", "Викладання: журнали своїх уроків і свого класу"


class Dataset(models.TextChoices):
    """What a head may open to a school information system by key (handbook H.4).

    Documents and benefits are never among these (what is wrong with them is, in `quality`); enrolment is signed only in the state interface
    (FAQ 2024). What a system may write has a word of its own: reading never implies it.
    """

    INSTITUTION = "institution", "Відомості про заклад"
    CLASSES = "classes", "Класи навчального року"
    PUPILS = "pupils", "Здобувачі освіти: ПІБ, дата народження, стать, клас, форма, дати"
    STAFF = "staff", "Працівники: ПІБ, посада, ставка, навантаження"
    ENROLMENTS = "enrolments", "Рух учнів: зарахування й вибуття з датами та номерами наказів"
    QUALITY = (
        "quality",
        "Якість даних: що виправити в картках учнів, зокрема в документах, переміщенні, звʼязку",
    )
    ABSENCES = (
        "absences",
        "Відсутність 10 робочих днів поспіль: записи обліку, їх стан і строки, без причин",
    )
    CLASSES_WRITE = (
        "classes.write",
        "Запис класів: нові класи, керівник, зміна, профіль, наповнюваність",
    )
    ABSENCES_WRITE = (
        "absences.write",
        "Запис відсутності: хто пропускає всі уроки, з якого по який день і чому",
    )


# Those that let a system write; the rest only read.
WRITES: tuple[str, ...] = (Dataset.CLASSES_WRITE, Dataset.ABSENCES_WRITE)


class GrantState(models.TextChoices):
    """Life of a grant (handbook B.3). INACTIVE is final; a new grant may be created."""

    INVITED = "INVITED", "Запрошено"
    ACTIVE = "ACTIVE", "АКТИВНИЙ"
    SUSPENDED = "SUSPENDED", "ЗУПИНЕНО"
    INACTIVE = "INACTIVE", "НЕАКТИВНИЙ"


class Way(models.TextChoices):
    """How a person proved who they are (постанова 1255 п.5(16), п.16)."""

    SIGNATURE = "SIGNATURE", "Електронний підпис"
    ID_GOV_UA = "ID_GOV_UA", "id.gov.ua"
