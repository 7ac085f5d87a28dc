#!/usr/bin/python3
"""Compares what was read with what stands on the sample documents.

    report.py requests TRUTH                    one line for each API: its name, a tab, its files
    report.py compare TRUTH ANSWERS QUEUES      prints the comparison; exit code 1 when something disagrees

TRUTH is truth.json of make-samples.py, ANSWERS the lines of `ocr-relay recognize --json`, QUEUES a table of queue names
and message counts. Only the standard library is used.
"""

import json
import re
import sys
import unicodedata

LIMIT_CLEAN = 0.05
LIMIT_NOISY = 0.20


def normal(text):
    """One form for texts that look the same: widths of letters and signs, spaces beside Chinese characters."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"\s+", " ", text).strip()
    wide = r"[\u2e80-\u9fff\u3000-\u303f\uf900-\ufaff]"
    return re.sub(rf" (?={wide})|(?<={wide}) ", "", text)


def distance(left, right):
    """Letters to insert, delete or replace."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def flat(value, name=""):
    """Texts of nested fields by their path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from flat(inner, f"{name}[{place}]")
    else:
        yield name, "" if value is None else str(value)


def pairs(sample, body):
    """(what, truth, read) for each field, or one for the whole text."""
    result = body.get("result", {})
    if "lines" in sample:
        blocks = result.get("words_block_list", [])
        yield "text", normal(" ".join(sample["lines"])), normal(" ".join(block.get("words", "") for block in blocks))
        return
    read = dict(flat(result))
    for name, truth in flat(sample["fields"]):
        yield name, normal(truth), normal(read.get(name, ""))


def judge_readable(sample, answer):
    if not answer["ok"]:
        return False, f"refused: {answer['error'].get('code', answer['error'].get('detail'))}", []
    compared = list(pairs(sample, answer["result"]))
    length = sum(len(truth) for _, truth, _ in compared)
    rate = sum(distance(truth, read) for _, truth, read in compared) / max(1, length)
    good = rate <= (LIMIT_CLEAN if sample["clean"] else LIMIT_NOISY)
    kind = "clean" if sample["clean"] else "noisy"
    return good, f"{len(compared)} compared, character error rate {rate:.1%} ({kind})", compared


def judge_refused(sample, answer):
    if answer["ok"]:
        return False, "was read, but should have been refused"
    error = answer["error"]
    good = error.get("class") == sample["expect_class"]
    return good, f"{error.get('code')} ({error.get('class')}): {error.get('detail')}"


def show(name, good, verdict):
    print(f"{'ok  ' if good else 'BAD '} {name:<42} {verdict}")


def show_pairs(compared):
    for what, truth, read in compared:
        if what == "text":
            print(f"       truth: {truth}\n       read:  {read}")
        else:
            print(f"       {what:<28} {truth}" + ("" if truth == read else f"   <- read: {read or '(nothing)'}"))


def dead_letters(samples, queues):
    expected = {}
    for sample in samples:
        if sample["expect"] != "ok":
            queue = "ocr.dead." + sample["expect_class"]
            expected[queue] = expected.get(queue, 0) + 1
    found = {name: count for name, count in queues.items() if name.startswith("ocr.dead.") and count}
    print("\nDead letters by cause:")
    for name in sorted(expected.keys() | found.keys()):
        show(name, expected.get(name, 0) == found.get(name, 0), f"{found.get(name, 0)} kept")
    return expected == found


def compare(truth_file, answers_file, queues_file):
    with open(truth_file, encoding="utf-8") as file:
        samples = json.load(file)["samples"]
    with open(answers_file, encoding="utf-8") as file:
        answers = {(answer["file"], answer["api"]): answer for answer in map(json.loads, file)}
    with open(queues_file, encoding="utf-8") as file:
        queues = {name: int(count) for name, count in (line.rstrip("\n").split("\t") for line in file)}
    all_good = True
    for title, is_readable in [("Documents, truth on the left:", True), ("Typed errors:", False)]:
        print("\n" + title)
        for sample in (sample for sample in samples if (sample["expect"] == "ok") == is_readable):
            answer = answers.get((sample["file"], sample["api"]))
            compared = []
            if answer is None:
                good, verdict = False, "no answer"
            elif is_readable:
                good, verdict, compared = judge_readable(sample, answer)
            else:
                good, verdict = judge_refused(sample, answer)
            show(f"{sample['file']} ({sample['api']})", good, verdict)
            show_pairs(compared)
            all_good = all_good and good
    all_good = dead_letters(samples, queues) and all_good
    waiting = queues.get("ocr.requests", 0)
    if waiting:
        all_good = False
        print(f"BAD  {waiting} requests are still in ocr.requests")
    print("\n" + ("Everything agrees." if all_good else "Something disagrees: see the lines that begin with BAD."))
    return 0 if all_good else 1


def requests(truth_file):
    with open(truth_file, encoding="utf-8") as file:
        samples = json.load(file)["samples"]
    files = {}
    for sample in samples:
        files.setdefault(sample["api"], []).append(sample["file"])
    for api, names in files.items():
        print(api + "\t" + " ".join(names))
    return 0


if __name__ == "__main__":
    commands = {"requests": (requests, 1), "compare": (compare, 3)}
    command, count = commands.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0))
    if command is None or len(sys.argv) != 2 + count:
        sys.exit(__doc__)
    sys.exit(command(*sys.argv[2:]))
