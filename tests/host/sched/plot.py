#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draw a trace of the scheduler simulation as a timeline.

usage: plot.py [--check] TRACE PNG

With --check it only looks whether PNG is that drawing already; exit status 1: it is not. TRACE is
what `test_POLICY --trace FILE` writes: lines "cpu start end task" in ns, and in comments the
policy, the time span and the tasks' names. Needs nothing but Python.
"""
import struct
import sys
import zlib

WIDTH, LEFT, TOP, ROW, BAR = 900, 170, 34, 26, 18
BACK, INK, GRID, LANE = 0, 1, 2, 3
PALETTE = [(255, 255, 255), (40, 40, 40), (208, 208, 208), (242, 242, 242),
           (31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189),
           (140, 86, 75)]
FIRST_COLOUR = 4

# 5 x 7 points a character, a row a number, the leftmost point its highest bit.
FONT = {
    " ": (0, 0, 0, 0, 0, 0, 0), ",": (0, 0, 0, 0, 4, 4, 8), ".": (0, 0, 0, 0, 0, 12, 12),
    "-": (0, 0, 0, 31, 0, 0, 0), ":": (0, 12, 12, 0, 12, 12, 0),
    "%": (24, 25, 2, 4, 8, 19, 3),
    "0": (14, 17, 19, 21, 25, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 6, 8, 16, 31), "3": (30, 1, 1, 14, 1, 1, 30),
    "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14), "9": (14, 17, 17, 15, 1, 2, 12),
    "a": (0, 0, 14, 1, 15, 17, 15), "b": (16, 16, 30, 17, 17, 17, 30),
    "c": (0, 0, 15, 16, 16, 16, 15), "d": (1, 1, 15, 17, 17, 17, 15),
    "e": (0, 0, 14, 17, 31, 16, 14), "f": (6, 8, 30, 8, 8, 8, 8),
    "g": (0, 15, 17, 17, 15, 1, 14), "h": (16, 16, 30, 17, 17, 17, 17),
    "i": (4, 0, 12, 4, 4, 4, 14), "j": (2, 0, 6, 2, 2, 18, 12),
    "k": (16, 16, 18, 20, 24, 20, 18), "l": (12, 4, 4, 4, 4, 4, 14),
    "m": (0, 0, 26, 21, 21, 21, 21), "n": (0, 0, 30, 17, 17, 17, 17),
    "o": (0, 0, 14, 17, 17, 17, 14), "p": (0, 0, 30, 17, 30, 16, 16),
    "q": (0, 0, 15, 17, 15, 1, 1), "r": (0, 0, 22, 25, 16, 16, 16),
    "s": (0, 0, 15, 16, 14, 1, 30), "t": (8, 8, 30, 8, 8, 8, 6),
    "u": (0, 0, 17, 17, 17, 17, 15), "v": (0, 0, 17, 17, 17, 10, 4),
    "w": (0, 0, 17, 21, 21, 21, 10), "x": (0, 0, 17, 10, 4, 10, 17),
    "y": (0, 17, 17, 17, 15, 1, 14), "z": (0, 0, 31, 2, 4, 8, 31),
}


class Picture:
    def __init__(self, width, height):
        self.width = width
        self.rows = [bytearray(width) for _ in range(height)]

    def box(self, x, y, width, height, colour):
        for row in self.rows[y:y + height]:
            row[x:x + width] = bytes([colour]) * len(row[x:x + width])

    def text(self, x, y, text, colour=INK):
        for character in text.lower():
            for dy, bits in enumerate(FONT[character]):
                for dx in range(5):
                    if bits >> (4 - dx) & 1:
                        self.rows[y + dy][x + dx] = colour
            x += 6

    def png(self):
        def chunk(kind, data):
            return (struct.pack(">I", len(data)) + kind + data +
                    struct.pack(">I", zlib.crc32(kind + data)))

        header = struct.pack(">IIBBBBB", self.width, len(self.rows), 8, 3, 0, 0, 0)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                chunk(b"PLTE", b"".join(bytes(colour) for colour in PALETTE)) +
                chunk(b"IDAT", zlib.compress(self.points(), 9)) + chunk(b"IEND", b""))

    def points(self):
        return b"".join(b"\0" + bytes(row) for row in self.rows)

    def is_in(self, png):
        """Whether a file that png() wrote shows this; another zlib packs it in another way."""
        data, at = b"", 8
        while at < len(png):
            length, kind = struct.unpack_from(">I4s", png, at)
            data += png[at + 8:at + 8 + length] if kind == b"IDAT" else b""
            at += 12 + length
        return zlib.decompress(data) == self.points()


def read(path):
    policy, start, end, names, runs = "", 0, 0, {}, []
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[:2] == ["#", "policy"]:
                policy, start, end = words[2], int(words[4]), int(words[6])
            elif words[:2] == ["#", "task"]:
                names[int(words[2])] = " ".join(words[3:])
            else:
                _, begin, stop, task = map(int, words)
                runs.append((begin, stop, task))
    return policy, start, end, names, runs


def draw(policy, start, end, names, runs):
    picture = Picture(WIDTH, TOP + ROW * len(names) + 22)
    scale = (WIDTH - LEFT - 12) / (end - start)
    bottom = TOP + ROW * len(names)

    picture.text(LEFT, 10, f"policy {policy}: one cpu, slice 3 ms, tick 1 ms")
    for row, (task, name) in enumerate(sorted(names.items())):
        used = sum(stop - begin for begin, stop, who in runs if who == task)
        picture.text(6, TOP + ROW * row + 6, name)
        share = f"{100 * used / (end - start):.0f}%"
        picture.text(LEFT - 8 - 6 * len(share), TOP + ROW * row + 6, share)
        picture.box(LEFT, TOP + ROW * row, int((end - start) * scale), BAR, LANE)
    for time in range(0, (end - start) // 1000000 + 1, 20):
        x = LEFT + int(time * 1000000 * scale)
        picture.box(x, TOP, 1, bottom - TOP, GRID)
        picture.text(x - 8, bottom + 4, f"{time} ms" if time == 0 else f"{time}")
    for begin, stop, task in runs:
        x0, x1 = (LEFT + int((when - start) * scale) for when in (begin, stop))
        picture.box(x0, TOP + ROW * task, max(x1 - x0, 1), BAR, FIRST_COLOUR + task)
    return picture


def main():
    arguments = sys.argv[1:]
    check = arguments[:1] == ["--check"]
    if len(arguments) != 2 + check or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    picture = draw(*read(arguments[-2]))
    if check:
        with open(arguments[-1], "rb") as file:
            return 0 if picture.is_in(file.read()) else 1
    with open(arguments[-1], "wb") as file:
        file.write(picture.png())
    return 0


if __name__ == "__main__":
    sys.exit(main())
