"""Schools, classes and posts of a plausible size, and what bodies are called."""

from __future__ import annotations

import dataclasses
import math
import random

from kernel.text import clean

LETTERS = "АБВГДЕЖЗ"
_CATEGORIES = ("SPECIALIST", "SECOND", "FIRST", "HIGHEST")
# Mean class by what kind of place it is, grades 1-4 / 5-9 / 10-12 (handbook L, 2021).
CLASS_SIZES = {
    "capital": (28.4, 27.7, 25.1),
    "city": (26.6, 26.3, 24.6),
    "town": (16.9, 17.4, 16.4),
    "settlement": (15.2, 15.9, 14.5),
    "village": (14.5, 15.2, 13.6),
}


@dataclasses.dataclass(frozen=True)
class PlannedClass:
    """A class to open: grade, letter and how many learn in it."""

    grade: int
    letter: str
    size: int

    @property
    def label(self) -> str:
        """«5-А»."""
        return f"{self.grade}-{self.letter}" if self.letter else str(self.grade)


@dataclasses.dataclass(frozen=True)
class Post:
    """A post to fill: code of the classifier `position`, rate, category of a teacher."""

    position: str
    rate: str = "1.00"
    category: str = ""
    is_main: bool = True


def classes(
    chance: random.Random, grades: range, parallels: int, mean: float, *, scale: float = 1.0
) -> list[PlannedClass]:
    """Plan the classes of a school: `parallels` in each grade, of about `mean` pupils each.

    `scale` shrinks the sizes (at least one pupil stays), for tests.
    """
    planned = []
    for grade in grades:
        for number in range(parallels):
            size = round(chance.gauss(mean, mean * 0.14))
            size = min(max(size, round(mean * 0.6), 3), max(round(mean * 1.35), 4), 34)
            letter = LETTERS[number]
            planned.append(PlannedClass(grade, letter, max(1, round(size * scale))))
    return planned


def posts(
    chance: random.Random, planned: list[PlannedClass], *, branch: bool = False
) -> list[Post]:
    """The posts of a school with these classes (types of staffing lists, наказ МОН 1205/2010).

    The head first, then deputies, class teachers of grades 1-4, teachers, others.
    """
    primary = sum(1 for each in planned if each.grade <= 4)
    upper = len(planned) - primary
    count = len(planned)

    def graded(position: str, rate: str = "1.00") -> Post:
        return Post(position, rate, chance.choices(_CATEGORIES, (18, 17, 25, 40))[0])

    staff = [Post("BRANCH_HEAD" if branch else "HEAD", "1.00", "HIGHEST")]
    if not branch:
        staff += [Post("DEPUTY_TEACHING", "1.00", "HIGHEST")] * (count // 14 + (count >= 8))
        if count >= 16:
            staff.append(Post("DEPUTY_UPBRINGING", "1.00", "FIRST"))
    staff += [graded("TEACHER_PRIMARY") for _ in range(primary)]
    # 30 hours a week in a class, 18 in a post; small schools share teachers part-time.
    teachers = math.ceil(upper * 1.15) + (2 if upper else 1)
    for number in range(teachers):
        part_time = number >= teachers - max(1, teachers // 8)
        staff.append(
            Post("TEACHER", "0.50", "FIRST", is_main=False) if part_time else graded("TEACHER")
        )
    if count >= 7:
        staff += [graded("PSYCHOLOGIST", "0.50"), graded("ORGANISER"), Post("LIBRARIAN")]
    if count >= 14:
        staff += [graded("SOCIAL_PEDAGOGUE"), graded("EDUCATOR"), graded("TEACHER_ASSISTANT")]
        staff += [Post("SECRETARY"), Post("NURSE")]
    if count >= 4:
        staff.append(Post("TECHNICAL"))
    return staff


def masculine(adjective: str) -> str:
    """«Боянська» → «Боянський»: a lyceum is named by the adjective of its community."""
    return clean(adjective).removesuffix("а") + "ий"


def genitive(adjective: str) -> str:
    """The genitive of an adjective of territory: «Боянська» → «Боянської», «Вижницький» → «Вижницького»."""
    word = clean(adjective)
    if word.endswith("а"):
        return word.removesuffix("а") + "ої"
    if word.endswith("ий"):
        return word.removesuffix("ий") + "ого"
    return word


COUNCILS = {"M": "міської ради", "X": "селищної ради", "C": "сільської ради"}


def council(hromada: str, centre_category: str) -> str:
    """«Боянської сільської ради» by the community's name and the category of its centre."""
    return f"{genitive(hromada)} {COUNCILS.get(centre_category, 'сільської ради')}"
