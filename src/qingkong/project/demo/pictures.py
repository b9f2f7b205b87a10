"""Drawn scenes that stand for photographs in the demo. Nobody is in them, and no place is meant."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (1280, 960)
SKIES = ((199, 219, 236), (226, 214, 196), (180, 190, 205))
GROUNDS = ((150, 142, 120), (128, 134, 122), (166, 152, 132))


def scene_photo(random: Random) -> io.BytesIO:
    """A JPEG of a road, a wall, a door and the thing that was looked at; each one a little different."""
    image = Image.new("RGB", SIZE, random.choice(SKIES))
    draw = ImageDraw.Draw(image)
    horizon = random.randrange(420, 520)
    draw.rectangle((0, horizon, *SIZE), fill=random.choice(GROUNDS))
    left = random.randrange(60, 500)
    draw.rectangle(
        (left, horizon - 260, left + 520, horizon + 20), fill=(206, 196, 182), outline=(120, 110, 98), width=4
    )
    draw.polygon(
        ((left - 30, horizon - 260), (left + 260, horizon - 370), (left + 550, horizon - 260)), fill=(150, 86, 66)
    )
    draw.rectangle((left + 210, horizon - 140, left + 300, horizon + 20), fill=(96, 74, 58))
    for window in (60, 380):
        draw.rectangle(
            (left + window, horizon - 190, left + window + 80, horizon - 110),
            fill=(170, 196, 210),
            outline=(90, 90, 90),
            width=3,
        )
    x, y = random.randrange(300, 900), random.randrange(horizon + 120, 860)
    draw.ellipse((x, y, x + 180, y + 46), fill=(88, 80, 70))
    draw.line((x - 60, y + 90, x + 260, y + 60), fill=(122, 92, 54), width=16)
    draw.rectangle(
        (x - 80, y + 120, x + 120, y + 134), fill=(250, 250, 250), outline=(30, 30, 30)
    )  # the scale beside it
    for mark in range(0, 200, 20):
        draw.line((x - 80 + mark, y + 120, x - 80 + mark, y + 134), fill=(30, 30, 30), width=2)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    out.seek(0)
    return out
