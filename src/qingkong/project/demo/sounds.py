"""Half a second of tone that stands for a body camera's recording in the demo. Nobody speaks in it."""

import io
import math
import struct
import wave
from random import Random

RATE = 4000
LONG = RATE // 2


def recording(random: Random) -> io.BytesIO:
    """A WAV of half a second, 4 kHz, each a little different."""
    pitch, body = random.uniform(180, 420), bytearray()
    for n in range(LONG):
        body += struct.pack("<h", int(6000 * math.sin(2 * math.pi * pitch * n / RATE) * (1 - n / LONG)))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(body))
    out.seek(0)
    return out
