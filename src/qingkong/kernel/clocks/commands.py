"""`qingkong clocks explain RULE --from AT` and `qingkong clocks list`."""

import argparse
import json
import sys
from typing import Any

from django.utils import translation

from qingkong.kernel.clocks import explaining, loading
from qingkong.kernel.clocks.explaining import BadInput, Explained
from qingkong.kernel.clocks.limits import Limit, amount_in_words
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

WRONG_USE = 2
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("clocks", help=str(zh("期限：说明计算步骤，列出全部")))
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    one = verbs.add_parser("explain", help=str(zh("一个期限何时届满，以及每一步怎么算")))
    one.add_argument("rule", metavar="RULE", help=str(zh("期限编号，如 XZ-07")))
    one.add_argument("--from", dest="start", required=True, metavar="AT", help=str(zh("起点，如 2026-02-13T16:30")))
    one.add_argument("--held", action="store_true", help=str(zh("期间有人被限制人身自由，最后一日不顺延")))
    one.add_argument(
        "--suspended", action="append", default=[], metavar="A..B", help=str(zh("中止的起止，可多次；不含 B"))
    )
    one.add_argument("--json", action="store_true")
    one.add_argument("--lang", choices=sorted(LANGUAGES), default="zh")
    one.set_defaults(run=_explain)

    every = verbs.add_parser("list", help=str(zh("列出全部期限")))
    every.add_argument("--json", action="store_true")
    every.add_argument("--lang", choices=sorted(LANGUAGES), default="zh")
    every.set_defaults(run=_list)


def _explain(args: argparse.Namespace) -> int:
    with translation.override(LANGUAGES[args.lang]):
        try:
            explained = explaining.explain(
                args.rule,
                start=explaining.read_instant(args.start),
                catalogue=loading.catalogue_of_files(),
                calendar=loading.calendar_of_files(),
                held=args.held,
                suspended=[explaining.read_span(text) for text in args.suspended],
            )
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            return WRONG_USE if isinstance(refusal, BadInput) else 1
        if args.json:
            json.dump(_as_json(explained), sys.stdout, ensure_ascii=False)
            print()
        else:
            _print(explained)
    return 0


def _print(explained: Explained) -> None:
    for number, step in enumerate(explained.steps, 1):
        print(f"{number}. {step}")
    print(explained.reckoned.due.isoformat())


def _as_json(explained: Explained) -> dict[str, Any]:
    limit = explained.limit
    return {
        "limit": limit.id,
        "name": limit.name,
        "basis": limit.basis,
        "from": explained.start.isoformat(),
        "due": explained.reckoned.due.isoformat(),
        "predicted": explained.reckoned.predicted,
        "local": limit.amount is None,
        "sure": limit.sure.value,
        "steps": [str(step) for step in explained.steps],
    }


def _list(args: argparse.Namespace) -> int:
    with translation.override(LANGUAGES[args.lang]):
        limits = loading.catalogue_of_files().limits
        if args.json:
            json.dump([_row(limit) for limit in limits], sys.stdout, ensure_ascii=False)
            print()
            return 0
        for limit in limits:
            row = _row(limit)
            until = f"—{row['effective_to']}" if row["effective_to"] else ""
            print(
                "\t".join(
                    [
                        row["id"],
                        row["name"],
                        row["amount"],
                        row["basis"],
                        f"{row['effective_from']}{until}",
                        row["sure"],
                    ]
                )
            )
    return 0


def _row(limit: Limit) -> dict[str, Any]:
    amount = amount_in_words(limit.amount, limit.unit) if limit.amount and limit.unit else limit.promptly or "—"
    return {
        "id": limit.id,
        "name": limit.name if translation.get_language() != "en" else limit.name_en,
        "amount": str(amount),
        "basis": limit.basis,
        "local": str(amount_in_words(limit.local.amount, limit.local.unit)) if limit.local else "",
        "effective_from": limit.effective_from.isoformat(),
        "effective_to": limit.effective_to.isoformat() if limit.effective_to else "",
        "sure": limit.sure.value,
        "source": limit.source,
    }
