"""``./loket catalogue check``: every fault of the catalogue with its file, line and remedy."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.content import read_catalogue
from bot.domain.catalogue import Catalogue, Service
from bot.domain.catalogue_review import review, unspoken, unsure
from bot.domain.templates import check_templates
from bot.errors import ContentError
from bot.launch.content import refuse_absent
from bot.schema_faults import Fault
from bot.yaml_lines import LineMap, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the content lies, if not where the settings say."""
    parser.add_argument(
        "--content",
        type=Path,
        default=None,
        metavar="FOLDER",
        help="folder isi / folder of the content (LOKET_CONTENT_DIR)",
    )


def main(args: argparse.Namespace, settings: Any = None) -> int:
    """0 when all is sound, 1 with the faults on stderr otherwise."""
    directory = args.content or _content(settings)
    refuse_absent(directory)
    catalogue, faults = check_content(directory)
    for fault in faults:
        print(f"{directory.as_posix()}/{fault}", file=sys.stderr)
    services = catalogue.services.values()
    print(
        f"{len(services)} layanan, {sum(len(s.variants) for s in services)} keperluan, {len(catalogue.loci)} MPP, "
        f"{len(faults)} kesalahan, {unsure(services)} keterangan belum pasti"
    )
    return 1 if faults else 0


check = main


def check_content(directory: Path) -> tuple[Catalogue, list[Fault]]:
    """The catalogue as far as it is sound; what keeps it from being loaded, and what else is to be mended, by file and
    line.
    """
    catalogue, faults = read_catalogue(directory)
    files = _files(directory)
    found = set(faults)
    for shown, data in files.items():
        for node, key, finding in unspoken(data):
            line = node.key_lines.get(key, node.line) if isinstance(node, LineMap) else 1
            found.add(Fault(shown, line, finding.message, finding.remedy))
    for service in catalogue.services.values():
        for finding in review(service):
            file, line = _where(finding.place, service, files)
            found.add(Fault(file, line, finding.message, finding.remedy))
    for name, fault in check_templates(directory)[1]:
        message, _, remedy = fault.partition("; ")
        found.add(Fault(f"templates/{name}", 1, message, remedy))
    offered = {slug for locus in catalogue.loci.values() for slug in locus.services}
    for slug in set(catalogue.services) - offered:
        remedy = "add it under `services` of a file in loci/"
        found.add(Fault(f"services/{slug}.yml", 1, "no office offers this service", remedy))
    return catalogue, sorted(found)


def _files(directory: Path) -> dict[str, LineMap]:
    """The files of services and loci that are YAML."""
    read: dict[str, LineMap] = {}
    for path in sorted([*(directory / "services").glob("*.yml"), *(directory / "loci").glob("*.yml")]):
        shown = path.relative_to(directory).as_posix()
        try:
            read[shown] = load(path, shown)
        except ContentError:
            continue
    return read


def _where(place: str, service: Service, files: dict[str, LineMap]) -> tuple[str, int]:
    """File and line of a variant or a section: in the service's own file, or in the base part it comes from."""
    own = f"services/{service.slug}.yml"
    for shown in (own, *_parents(files.get(own), files)):
        for node in _named(files[shown], place) if shown in files else ():
            return shown, node.line
    return own, 1


def _parents(data: LineMap | None, files: dict[str, LineMap]) -> Iterator[str]:
    for name in reversed(data.get("extends", ()) if data is not None else ()):
        shown = f"services/{name}.yml"
        yield shown
        yield from _parents(files.get(shown), files)


def _named(data: LineMap, place: str) -> Iterator[LineMap]:
    kind, _, id = place.rpartition(".")
    listed = data.get("variants", ()) if kind == "variants" else data.get("form", {}).get("sections", ())
    yield from (node for node in listed if isinstance(node, LineMap) and node.get("id") == id)


def _content(settings: Any) -> Path:
    configured = getattr(settings, "content_dir", None)
    if configured and (Path(configured) / "services").is_dir():
        return Path(configured)
    return Path(__file__).resolve().parent.parent / "data"
