"""Invented people, plainly so: 示例… in the bureau, 演示… among the public; region code 999999, phones 199 0000 ….

Nobody of this county, living or in any newspaper, is meant or named.
"""

from random import Random

STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"


def officer_name(number: int) -> str:
    """示例甲子, 示例乙丑, … sixty of them, then 示例甲子二."""
    cycle, place = divmod(number, 60)
    tail = "一二三四五六七八九十"[cycle] if cycle else ""
    return f"示例{STEMS[place % 10]}{BRANCHES[place % 12]}{tail}"


def resident_name(random: Random) -> str:
    """演示王某, of no village in particular."""
    return f"演示{random.choice(SURNAMES)}某"


def phone(random: Random) -> str:
    """A phone of a made-up range."""
    return f"1990000{random.randrange(10_000):04}"


def id_number(random: Random) -> str:
    """Eighteen characters with region 999999, which no place has, and a right check digit (GB 11643)."""
    year, month, day = random.randrange(1950, 2006), random.randrange(1, 13), random.randrange(1, 29)
    body = f"999999{year}{month:02}{day:02}{random.randrange(1000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]
